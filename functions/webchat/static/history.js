/**
 * The conversation that this browser is in, in its storage (record.js says how): that of all its tabs.
 *
 * Every change begins with what the others have stored meanwhile, and ends with one write. So a tab
 * that has slept through their events writes nothing over what it does not know. Two tabs may still
 * write at the same moment, without seeing each other: what was written last is joined with the rest
 * when its event comes, and a conversation that is over gives way to the one that began later.
 */
import { extended, fitting, idOf, isLater, joined, newRecord, recordOf, recordOfBefore } from "./record.js";
import { randomId } from "./storage.js";

const NAME = "conversation";
const BEFORE = ["session", "entries"]; // what it was stored as before

export class History {
  #storage;
  #record;
  #isShort = false; // the last write had to leave something out
  #handlers = { replaced() {}, changed() {} };

  constructor(storage) {
    this.#storage = storage;
    const stored = this.#stored();
    // pages of the version before, in other tabs, work with their values until the next page is loaded
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

  /** How far the bot's messages are here: `{count, offset}`. */
  get received() {
    const { count, offset } = this.#record;
    return { count, offset };
  }

  /**
   * Be told what other tabs do, from now on: `replaced()` when they are in another conversation,
   * which is this tab's then; `changed(added)` when they have said and heard something, or sent it.
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
      this.#write(); // over that of a tab that did not know
    }
  }

  /** Add a user's message, to be sent. */
  say(text, message) {
    return this.#say({ id: randomId(), text, message, silent: false });
  }

  /** Add the message that begins a conversation, unless it has begun; null then. */
  greet(message) {
    this.refresh();
    // by its id it is one message, however many tabs begin with it
    return this.isEmpty ? this.#say({ id: `greeting-${this.session}`, text: "", message, silent: true }) : null;
  }

  /** Add a message of the bot's in a session; null for one that is here already, or of another session. */
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

  /** A session's first message of the user's that is still to be sent. */
  firstWaiting(session) {
    this.refresh();
    return session === this.session ? this.#record.entries.find(isWaiting) : undefined;
  }

  /** Note how far a user's message has come; null for one of a conversation that is over. */
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
   * The server has confirmed a session: `asked` is what it was asked, `{session, count, offset}`, and
   * `session` what it answered, with the offset up to which it sends nothing again ("" if it did not say).
   * False when the conversation is another one by now.
   */
  confirm(asked, session, offset) {
    this.refresh();
    if (asked.session !== this.session) return false;
    if (session !== this.session) {
      this.#begin(session, this.#record.entries.filter(isWaiting));
    } else if (offset && offset < asked.offset && asked.count === this.#record.count) {
      this.#countAnew(offset); // it has not given the numbers that are here
      this.#write();
    }
    return true;
  }

  /** Forget everything, and be somebody new. */
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

  /** What the user said here when the other conversation had begun already is said in that one. */
  #replace(stored) {
    const late = this.#record.entries.filter(({ from, silent, at }) => from === "user" && !silent && at >= stored.began);
    this.#record = late.map((entry) => ({ ...entry, state: "waiting" })).reduce(extended, stored);
    if (late.length > 0) this.#write();
    this.#handlers.replaced();
  }

  #join(stored) {
    const known = new Set(this.#record.entries.map(({ id }) => id));
    this.#record = joined(this.#record, stored);
    // of what does not fit, each tab would leave out something else, without an end
    if (!this.#isShort && JSON.stringify(fitting(this.#record)) !== JSON.stringify(stored)) this.#write();
    this.#handlers.changed(this.#record.entries.filter(({ id }) => !known.has(id)));
  }

  #find(id) {
    return this.#record.entries.find((entry) => entry.id === id);
  }

  #stored() {
    return recordOf(this.#storage.get(NAME));
  }

  /** A browser that is short of room keeps the newest, and at least whose conversation it is. */
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
