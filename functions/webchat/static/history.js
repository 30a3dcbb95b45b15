/**
 * This browser's conversation, in its storage (see record.js), shared by all its tabs.
 *
 * Every change first reads what other tabs have stored meanwhile, and ends with one write, so a tab
 * that has missed their events does not overwrite anything unseen. Two tabs may still write at the
 * same moment, unaware of each other: the last write is then joined with the rest when its event
 * arrives, and the conversation that began later replaces the other. A tab writes again only what the
 * stored value lacks, so they all come to one value, and stop.
 */
import { forgetBefore, withBefore } from "./before.js";
import { agreed, extended, halved, idOf, inOrder, isSame, joined, newRecord, recordOf, timeAfter } from "./record.js";
import { randomId } from "./storage.js";

const NAME = "conversation";
const START = { count: 0, offset: "" };

export class History {
  #storage;
  #record;
  #beside = []; // what this page has and the record has no room for
  #handlers = { replaced() {}, changed() {} };

  constructor(storage) {
    this.#storage = storage;
    this.#record = withBefore(storage, this.#stored()) ?? newRecord(randomId(), storage.isLoaded ? Date.now() : 0);
    this.#write();
    if (!storage.isLoaded) storage.loaded.then(() => this.#loaded());
  }

  get session() {
    return this.#record.session;
  }

  get entries() {
    return inOrder([...this.#record.entries, ...this.#beside]);
  }

  get isEmpty() {
    return this.#record.dropped === "" && this.entries.length === 0;
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
    // the value may be overwritten already, and the tab that wrote it closed
    this.#storage.watch(NAME, (value) => this.#meet(recordOf(value), this.#unseen()));
  }

  /** Take over what other tabs have stored. */
  refresh() {
    this.#meet(this.#unseen());
  }

  /** Add a user's message, to be sent. */
  say(text, message) {
    this.refresh();
    return this.#say({ id: randomId(), ...this.#now(), text, message, silent: false });
  }

  /** Add the message that starts a conversation; null if it has already started. */
  greet(message) {
    this.refresh();
    // its id and place make it one message, however many tabs send it
    const first = { id: `greeting-${this.session}`, ...START, at: 0, text: "", message, silent: true };
    return this.isEmpty ? this.#say(first) : null;
  }

  /** Add a bot's message of a session; null if it is already here, or belongs to another session. */
  hear(session, payload, offset) {
    this.refresh();
    if (session !== this.session) return null;
    if (!offset) return this.#hear({ id: randomId(), ...this.#now() }, payload);
    const same = this.#find(idOf(this.#record.count, offset));
    if (same && JSON.stringify(same.payload) === JSON.stringify(payload)) return null;
    if (same) this.#countAnew("");
    const { count } = this.#record;
    const entry = { id: idOf(count, offset), count, offset };
    if (offset > this.#record.offset) this.#record = { ...this.#record, offset };
    return this.#hear(entry, payload);
  }

  /** The session's first user message that is still to be sent. */
  firstWaiting(session) {
    this.refresh();
    return session === this.session ? this.entries.find(isWaiting) : undefined;
  }

  /** Record the state of a session's user message; null if its conversation is over. */
  mark(session, { id }, state) {
    this.refresh();
    const entry = session === this.session ? this.#find(id) : null;
    if (!entry) return null;
    const attempt = (entry.attempt ?? 1) + (state === "waiting" ? 1 : 0);
    // another tab may have come further with it
    return this.#put(agreed(entry, { ...entry, state, attempt }));
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
      this.#begin(session, this.entries.filter(isWaiting));
    } else if (offset && offset < asked.offset && asked.count === this.#record.count) {
      this.#countAnew(offset); // the server's numbers have started anew
      this.#write();
    }
    return true;
  }

  /** Forget everything, and start as a new user. */
  restart() {
    this.refresh();
    forgetBefore(this.#storage);
    this.#begin(randomId(), []);
  }

  /** A place after everything that is here. */
  #now() {
    return { ...this.received, at: timeAfter(this.#record, Date.now()) };
  }

  #say(entry) {
    return this.#put({ ...entry, from: "user", state: "waiting", attempt: 1 });
  }

  #hear(entry, payload) {
    return this.#put({ ...entry, from: "bot", payload });
  }

  #put(entry) {
    this.#continue(extended(this.#record, entry), [entry]);
    this.#write();
    return entry;
  }

  /** Start a conversation that is later than anything known, whatever the clock says. */
  #begin(session, moved) {
    this.#enter(newRecord(session, timeAfter(this.#record, Date.now())), moved.map(atStart));
    this.#write();
  }

  /** Take over what records of other tabs have, those that are not null. */
  #meet(...records) {
    const others = records.filter(Boolean);
    if (others.length === 0) return;
    const mine = this.#record;
    const known = new Set(this.entries.map(({ id }) => id));
    for (const other of others) this.#join(other);
    if (!this.#storage.holds(NAME, this.#record)) this.#write();
    if (isSame(this.#record, mine)) this.#handlers.changed(this.entries.filter(({ id }) => !known.has(id)));
    else this.#handlers.replaced();
  }

  #join(other) {
    const record = joined(this.#record, other);
    if (isSame(record, this.#record)) this.#continue(record);
    else this.#replace(other);
  }

  /** Only now is it known what is stored: this conversation gives way to it, or else becomes the stored one. */
  #loaded() {
    this.refresh();
    if (this.#record.began > 0) return;
    this.#record = { ...this.#record, began: Date.now() };
    this.#write();
  }

  #countAnew(offset) {
    this.#record = { ...this.#record, count: this.#record.count + 1, offset };
  }

  /** Move what the user said here after the other conversation had begun to that conversation, unless it was sent. */
  #replace(stored) {
    const isKnown = this.#record.began > 0;
    const said = this.entries.filter(({ from, silent, state }) => from === "user" && !silent && state !== "sent");
    const late = isKnown ? said.filter(({ at }) => at >= stored.began).map(atStart) : said.map(afterAll(stored));
    this.#enter(stored, late);
  }

  /** Change to another conversation, with messages moved there. */
  #enter(record, moved) {
    [this.#record, this.#beside] = [record, []];
    this.#continue(moved.reduce(extended, record), moved);
  }

  /** Continue with a record of the same conversation, and keep aside what that leaves out. */
  #continue(record, added = []) {
    const entries = new Map([...this.entries, ...added].map((entry) => [entry.id, entry]));
    for (const { id } of record.entries) entries.delete(id);
    this.#beside = [...entries.values()];
    this.#record = record;
  }

  #find(id) {
    return this.entries.find((entry) => entry.id === id);
  }

  #unseen() {
    return this.#storage.isSeen(NAME) ? null : this.#stored();
  }

  #stored() {
    return recordOf(this.#storage.get(NAME));
  }

  /** If storage is short, keep the newest entries, and at least the conversation's identity. */
  #write() {
    let record = this.#record;
    while (!this.#storage.set(NAME, record)) {
      if (record.entries.length === 0) return; // this page's memory is all there is
      record = halved(record);
    }
    this.#continue(record);
  }
}

function isWaiting(entry) {
  return entry.from === "user" && entry.state === "waiting";
}

/** A moved message in a place that is the same whichever tab moves it. */
function atStart(entry) {
  return { ...entry, ...START };
}

/** Places messages that only this tab can move after all of a record. */
function afterAll({ count, offset, ...record }) {
  const last = timeAfter(record, Date.now());
  return (entry, number) => ({ ...entry, count, offset, at: last + number });
}
