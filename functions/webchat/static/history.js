/**
 * This browser's conversation, in its storage (see record.js), shared by all its tabs.
 *
 * Every change first reads what other tabs have stored meanwhile, and ends with one write, so a tab
 * that has missed their events does not overwrite anything unseen. Two tabs may still write at the
 * same moment, unaware of each other: the last write is then joined with the rest when its event
 * arrives, and the conversation that began later replaces the other.
 */
import { extended, fitting, idOf, isLater, joined, newRecord, recordOf, recordOfBefore } from "./record.js";
import { randomId } from "./storage.js";

const NAME = "conversation";
const BEFORE = ["session", "entries"]; // the names used by an earlier version

export class History {
  #storage;
  #record;
  #isShort = false; // the last write had to drop something
  #handlers = { replaced() {}, changed() {} };

  constructor(storage) {
    this.#storage = storage;
    const stored = this.#stored();
    // pages of the earlier version, in other tabs, use those values until the next page is loaded
    if (stored) this.#forgetBefore();
    this.#record = stored ?? recordOfBefore(...BEFORE.map((name) => storage.get(name))) ?? newRecord(randomId(), Date.now());
    this.#write();
  }

  get session() {
    return this.#record.session;
  }

  get entries() {
    return [...this.#record.entries];
  }

  get isEmpty() {
    return this.#record.entries.length === 0;
  }

  /** How far the bot's messages have been received: `{count, offset}`. */
  get received() {
    const { count, offset } = this.#record;
    return { count, offset };
  }

  /**
   * Follow other tabs from now on: `replaced()` when they have started another conversation, which
   * becomes this tab's too; `changed(added)` when they have received or sent messages.
   */
  follow(handlers) {
    this.#handlers = handlers;
    this.#storage.watch(NAME, () => this.refresh());
  }

  /** Take over what other tabs have stored. */
  refresh() {
    if (this.#storage.isSeen(NAME)) return;
    const stored = this.#stored();
    const mine = this.#record;
    if (!stored) return;
    if (stored.session === mine.session) {
      this.#join(stored);
    } else if (isLater(stored, mine)) {
      this.#replace(stored);
    } else {
      this.#write(); // over the value of a tab that did not know of ours
    }
  }

  /** Add a user's message, to be sent. */
  say(text, message) {
    return this.#say({ id: randomId(), text, message, silent: false });
  }

  /** Add the message that starts a conversation; null if it has already started. */
  greet(message) {
    this.refresh();
    // its id makes it one message, however many tabs send it
    return this.isEmpty ? this.#say({ id: `greeting-${this.session}`, text: "", message, silent: true }) : null;
  }

  /** Add a bot's message of a session; null if it is already here, or belongs to another session. */
  hear(session, payload, offset) {
    this.refresh();
    if (session !== this.session) return null;
    if (!offset) return this.#add({ id: randomId(), from: "bot", payload });
    const same = this.#find(idOf(this.#record.count, offset));
    if (same && JSON.stringify(same.payload) === JSON.stringify(payload)) return null;
    if (same) this.#countAnew("");
    if (offset > this.#record.offset) this.#record.offset = offset;
    return this.#add({ id: idOf(this.#record.count, offset), from: "bot", payload });
  }

  /** The session's first user message that is still to be sent. */
  firstWaiting(session) {
    this.refresh();
    return session === this.session ? this.#record.entries.find(isWaiting) : undefined;
  }

  /** Record the state of a user's message; null if its conversation is over. */
  mark({ id }, state) {
    this.refresh();
    const entry = this.#find(id);
    if (!entry) return null;
    if (state === "waiting") entry.attempt = (entry.attempt ?? 1) + 1;
    entry.state = state;
    this.#write();
    return entry;
  }

  /**
   * The server has confirmed a session: `asked` is the request, `{session, count, offset}`, and `session`
   * the response, with the offset up to which nothing is sent again ("" if it named none).
   * Returns false if this is no longer the current conversation.
   */
  confirm(asked, session, offset) {
    this.refresh();
    if (asked.session !== this.session) return false;
    if (session !== this.session) {
      this.#begin(session, this.#record.entries.filter(isWaiting));
    } else if (offset && offset < asked.offset && asked.count === this.#record.count) {
      this.#countAnew(offset); // the server's numbers have started anew
      this.#write();
    }
    return true;
  }

  /** Forget everything, and start as a new user. */
  restart() {
    this.refresh();
    this.#forgetBefore();
    this.#begin(randomId(), []);
  }

  #say(entry) {
    this.refresh();
    return this.#add({ ...entry, from: "user", state: "waiting", attempt: 1 });
  }

  #add(entry) {
    const made = { ...entry, at: Date.now() };
    this.#record = extended(this.#record, made);
    this.#write();
    return made;
  }

  #begin(session, entries) {
    const began = Math.max(Date.now(), this.#record.began + 1);
    this.#record = { ...newRecord(session, began), entries };
    this.#write();
  }

  #countAnew(offset) {
    this.#record.count += 1;
    this.#record.offset = offset;
  }

  /** Move what the user said here after the other conversation had begun to that conversation. */
  #replace(stored) {
    const late = this.#record.entries.filter(({ from, silent, at }) => from === "user" && !silent && at >= stored.began);
    this.#record = late.map((entry) => ({ ...entry, state: "waiting" })).reduce(extended, stored);
    if (late.length > 0) this.#write();
    this.#handlers.replaced();
  }

  #join(stored) {
    const known = new Set(this.#record.entries.map(({ id }) => id));
    this.#record = joined(this.#record, stored);
    // each tab would drop different entries of what does not fit, and they would never agree
    if (!this.#isShort && JSON.stringify(fitting(this.#record)) !== JSON.stringify(stored)) this.#write();
    this.#handlers.changed(this.#record.entries.filter(({ id }) => !known.has(id)));
  }

  #find(id) {
    return this.#record.entries.find((entry) => entry.id === id);
  }

  #stored() {
    return recordOf(this.#storage.get(NAME));
  }

  /** If storage is short, keep the newest entries, and at least the conversation's identity. */
  #write() {
    const whole = fitting(this.#record);
    let { entries } = whole;
    let isKept = this.#storage.set(NAME, whole);
    this.#isShort = !isKept;
    while (!isKept && entries.length > 0) {
      entries = entries.slice(Math.ceil(entries.length / 2));
      isKept = this.#storage.set(NAME, { ...whole, entries });
    }
  }

  #forgetBefore() {
    for (const name of BEFORE) this.#storage.remove(name);
  }
}

function isWaiting(entry) {
  return entry.from === "user" && entry.state === "waiting";
}
