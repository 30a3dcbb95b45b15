/**
 * The socket: Rasa's events over Socket.IO (global `io`, from vendor/).
 *
 *     connect -> session_request {session_id} -> session_confirm "<id>" -> ready
 *
 * Handlers: `state("connecting" | "ready" | "offline" | "refused")`, `session(id)`,
 * `message(payload, offset)`, `stream({id, seq, delta, done})`, `typing()`.
 */
const ACKNOWLEDGED_WITHIN = 20_000; // milliseconds
const OFFSET = /^\d{20}$/;

export class Connection {
  #handlers;
  #session;
  #socket;
  #state = "";

  /** `session()` gives the id of the session to ask for. */
  constructor(url, token, session, handlers) {
    this.#handlers = handlers;
    this.#session = session;
    const { protocol, host, pathname } = new URL(url);
    // The address's path is Engine.IO's; in the URL itself it would be a namespace.
    this.#socket = window.io(`${protocol.replace(/^ws/, "http")}//${host}`, {
      path: pathname,
      transports: ["websocket"],
      auth: { ...(token && { token }), stream: true, typing: true, recovery: true },
      timeout: 10_000,
      reconnectionDelayMax: 15_000,
      autoConnect: false,
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

  close() {
    this.#socket.disconnect();
  }

  /** Ask for the session again: it is another one now. */
  requestSession() {
    if (this.#socket.connected) this.#socket.emit("session_request", { session_id: this.#session() });
  }

  /** Send a message; rejects when the server does not acknowledge it. */
  async send(message, id) {
    const data = { message, session_id: this.#session(), message_id: id, metadata: {} };
    await this.#socket.timeout(ACKNOWLEDGED_WITHIN).emitWithAck("user_uttered", data);
  }

  #listen() {
    const socket = this.#socket;
    socket.on("connect", () => this.requestSession());
    socket.on("connect_error", () => this.#enter(socket.active ? "offline" : "refused"));
    socket.on("disconnect", (reason) => this.#disconnected(reason));
    socket.on("session_confirm", (answer) => {
      const id = answer?.session_id ?? answer;
      if (typeof id === "string" && id) this.#handlers.session(id);
      this.#enter("ready");
    });
    socket.on("bot_uttered", (payload, offset) => {
      this.#handlers.message(payload, OFFSET.test(offset) ? offset : "");
    });
    socket.on("bot_stream", (piece) => this.#handlers.stream(piece));
    socket.on("bot_typing", () => this.#handlers.typing());
    window.addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => this.#hurry());
  }

  #disconnected(reason) {
    if (reason === "io client disconnect") return;
    this.#enter("offline");
    // The client takes this one for final; a server says it when it restarts, too.
    if (reason === "io server disconnect") window.setTimeout(() => this.#socket.connect(), 3_000);
  }

  /** Do not wait out a long pause when the network or the reader is back. */
  #hurry() {
    if (this.#state !== "offline" || document.hidden || !navigator.onLine) return;
    this.#socket.disconnect().connect();
  }

  #enter(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.#handlers.state(state);
  }
}
