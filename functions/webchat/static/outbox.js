/** Sends what the user said in a connection's session, one after the other: the next one when the server has the last. */
const MOST_ATTEMPTS = 3;

export class Outbox {
  #connection;
  #history;
  #changed;
  #isSending = false;

  /** `changed(entry)` is called when an entry has another state. */
  constructor(connection, history, changed) {
    this.#connection = connection;
    this.#history = history;
    this.#changed = changed;
  }

  /** Send what waits, if there is a connection; else it is called again when there is one. */
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

  /** Try a message again that was given up on. */
  retry(entry) {
    this.#enter(entry, "waiting");
    return this.flush();
  }

  /** The id goes along, and the server drops a message whose id it has seen. */
  async #send(entry) {
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
      try {
        await this.#connection.send(entry.message, entry.id);
        this.#enter(entry, "sent");
        return;
      } catch {
        if (this.#connection.state !== "ready") return; // cut off: it waits
      }
    }
    this.#enter(entry, "failed");
  }

  #enter(entry, state) {
    const marked = this.#history.mark(entry, state);
    if (marked) this.#changed(marked);
  }
}
