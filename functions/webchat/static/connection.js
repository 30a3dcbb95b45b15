/**
 * The socket: Rasa's events over Socket.IO (global `io`, from vendor/).
 *
 *     connect -> session_request {session_id, offset} -> session_confirm "<id>", offset -> ready
 *
 * A connection belongs to one session: messages do not name theirs, so any still in transit when the
 * session changes would be taken for the next one's. `offset` is the newest message that the page has;
 * the server continues after it. The server's is lower if it has forgotten the session.
 *
 * Handlers: `state("connecting" | "ready" | "offline" | "refused")`, `session(asked, id, offset)`,
 * `message(payload, offset)`, `stream({id, seq, delta, done})`, `typing()`.
 */
const ACKNOWLEDGED_WITHIN = 20_000; // milliseconds
const OFFSET = /^\d{20}$/;

export class Connection {
  #handlers;
  #received;
  #socket;
  #state = "";
  #asked = null;
  #closed = new AbortController();

  /** `session` is the id of the session to request; `received()` returns what the page has: `{count, offset}`. */
  constructor(url, token, session, received, handlers) {
    this.session = session;
    this.#handlers = handlers;
    this.#received = received;
    const { protocol, host, pathname } = new URL(url);
    // Engine.IO uses the URL's path; within the URL itself, it would be a namespace.
    this.#socket = window.io(`${protocol.replace(/^ws/, "http")}//${host}`, {
      path: pathname,
      transports: ["websocket"],
      auth: { ...(token && { token }), stream: true, typing: true, recovery: true },
      timeout: 10_000,
      reconnectionDelayMax: 15_000,
      autoConnect: false,
      forceNew: true, // the client's recovery state belongs to one session, too
    });
    this.#listen();
  }

  get state() {
    return this.#state;
  }

  open() {
    this.#enter("connecting");
    this.#socket.connect();
  }

  /** Close for good: no handler is called any more. */
  close() {
    this.#state = "closed";
    this.#closed.abort();
    this.#socket.off();
    this.#socket.disconnect();
  }

  /** Send a message; rejects if the server does not acknowledge it. */
  async send(message, id) {
    const data = { message, session_id: this.session, message_id: id, metadata: {} };
    await this.#socket.timeout(ACKNOWLEDGED_WITHIN).emitWithAck("user_uttered", data);
  }

  #listen() {
    const socket = this.#socket;
    const { signal } = this.#closed;
    socket.on("connect", () => this.#requestSession());
    socket.on("connect_error", () => this.#enter(socket.active ? "offline" : "refused"));
    socket.on("disconnect", (reason) => this.#disconnected(reason));
    socket.on("session_confirm", (answer, offset) => this.#confirmed(answer?.session_id ?? answer, offset));
    socket.on("bot_uttered", (payload, offset) => this.#handlers.message(payload, checked(offset)));
    socket.on("bot_stream", (piece) => this.#handlers.stream(piece));
    socket.on("bot_typing", () => this.#handlers.typing());
    window.addEventListener("online", () => this.#hurry(), { signal });
    document.addEventListener("visibilitychange", () => this.#hurry(), { signal });
  }

  #requestSession() {
    const { count, offset } = this.#received();
    this.#asked = { session: this.session, count, offset };
    this.#socket.emit("session_request", { session_id: this.session, ...(offset && { offset }) });
  }

  #confirmed(id, offset) {
    if (typeof id === "string" && id) {
      this.session = id;
      // a recovered session is not forgotten, and other tabs may have more of it than this socket
      this.#handlers.session(this.#asked, id, this.#socket.recovered ? "" : checked(offset));
    }
    this.#enter("ready");
  }

  #disconnected(reason) {
    if (reason === "io client disconnect") return;
    this.#enter("offline");
    // The client does not reconnect after this reason, but a restarting server sends it, too.
    if (reason === "io server disconnect") window.setTimeout(() => this.#reconnect(), 3_000);
  }

  #reconnect() {
    if (!this.#closed.signal.aborted) this.#socket.connect();
  }

  /** Reconnect at once when the network or the user is back. */
  #hurry() {
    if (this.#state !== "offline" || document.hidden || !navigator.onLine) return;
    this.#socket.disconnect().connect();
  }

  #enter(state) {
    if (state === this.#state || this.#state === "closed") return;
    this.#state = state;
    this.#handlers.state(state);
  }
}

function checked(offset) {
  return OFFSET.test(offset) ? offset : "";
}
