/** Sends the user's messages in a connection's session, one at a time: the next once the last is acknowledged. */
const MOST_ATTEMPTS = 3;

export class Outbox {
  #connection;
  #history;
  #changed;
  #isSending = false;

  /** `changed(entry)` is called when an entry's state has changed. */
  constructor(connection, history, changed) {
    this.#connection = connection;
    this.#history = history;
    this.#changed = changed;
  }

  /** Send waiting messages if connected; to be called again after a reconnect. */
  async flush() {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      while (this.#connection.state === "ready") {
        const entry = this.#history.firstWaiting(this.#connection.session);
        if (!entry) return;
        await this.#send(entry);
      }
    } finally {
      this.#isSending = false;
    }
  }

  /** Retry a failed message. */
  retry(entry) {
    this.#enter(entry, "waiting");
    return this.flush();
  }

  /** Send a message with its id, by which the server drops duplicates. */
  async #send(entry) {
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
      try {
        await this.#connection.send(entry.message, entry.id);
        this.#enter(entry, "sent");
        return;
      } catch {
        if (this.#connection.state !== "ready") return; // disconnected: the message waits
      }
    }
    this.#enter(entry, "failed");
  }

  #enter(entry, state) {
    const marked = this.#history.mark(this.#connection.session, entry, state);
    if (marked) this.#changed(marked);
  }
}
