/**
 * The conversation as this browser remembers it. Entries, in order:
 *
 *     { id, at, from: "user", text, message, state: "waiting" | "sent" | "failed", silent }
 *     { id, at, from: "bot", payload }
 *
 * `text` is what is shown and `message` what is sent (a button's title and its payload); a `silent`
 * one is not shown; `at` is in milliseconds since 1970. The id of a bot's message is its offset,
 * where the server numbers its messages: one that comes again is known by it.
 */
import { randomId } from "./storage.js";

const MOST_ENTRIES = 200;
const MOST_CHARACTERS = 500_000;
const LARGEST_ENTRY = 200_000; // characters: an image in a data: URL is not worth all the others
const FEWEST_ENTRIES = 10;
const SENT_AGAIN_WITHIN = 24 * 3_600_000; // milliseconds; a server keeps messages for a day

export class History {
  #storage;
  #entries;

  constructor(storage) {
    this.#storage = storage;
    this.#entries = this.#stored();
    this.session = storage.get("session") || "";
    if (!this.session) this.confirm(randomId());
  }

  get entries() {
    return [...this.#entries];
  }

  get isEmpty() {
    return this.#entries.length === 0;
  }

  /** Add a user's message, to be sent. */
  say(text, message, silent = false) {
    return this.#add({ id: randomId(), from: "user", text, message, state: "waiting", silent });
  }

  /** Add a message of the bot's; null for one that is here already. */
  hear(payload, offset) {
    const since = Date.now() - SENT_AGAIN_WITHIN;
    const isKnown = offset && this.#entries.some(({ id, at }) => id === offset && at > since);
    return isKnown ? null : this.#add({ id: offset || randomId(), from: "bot", payload });
  }

  /** The user's first message that is still to be sent. */
  firstWaiting() {
    return this.#entries.find((entry) => entry.from === "user" && entry.state === "waiting");
  }

  mark(entry, state) {
    entry.state = state;
    this.#save();
  }

  /** The session as the server confirmed it. */
  confirm(session) {
    this.session = session;
    this.#storage.set("session", session);
  }

  /** Forget everything, and be somebody new. */
  restart() {
    this.#entries = [];
    this.confirm(randomId());
    this.#storage.set("entries", []);
  }

  /** Take over what another tab has written: whether it is another conversation, what is new. */
  refresh() {
    const session = this.#storage.get("session");
    const isOther = session !== this.session;
    if (isOther) this.#entries = [];
    this.session = session;
    const known = this.#byId(this.#entries);
    const added = this.#stored().filter(({ id }) => !known.has(id));
    for (const { id, state } of this.#stored()) if (state === "sent" && known.has(id)) known.get(id).state = state;
    this.#entries.push(...added);
    return { isOther, added };
  }

  #add(entry) {
    const made = { ...entry, at: Date.now() };
    this.#entries.push(made);
    this.#save();
    return made;
  }

  #save() {
    this.#entries = this.#entries.slice(-MOST_ENTRIES);
    if (this.#storage.get("session") !== this.session) return; // another tab began anew
    const mine = this.#byId(this.#entries);
    const others = this.#stored().filter(({ id }) => !mine.has(id)); // of another tab
    let kept = newest([...this.#entries, ...others].toSorted((one, other) => one.at - other.at));
    // a browser that is short of room keeps the newest
    while (!this.#storage.set("entries", kept) && kept.length > FEWEST_ENTRIES) {
      kept = kept.slice(Math.ceil(kept.length / 2));
    }
  }

  #stored() {
    const stored = this.#storage.get("entries");
    return Array.isArray(stored) ? stored.filter((entry) => entry?.id && entry.at && isWhole(entry)) : [];
  }

  #byId(entries) {
    return new Map(entries.map((entry) => [entry.id, entry]));
  }
}

/** As many entries as there is room for, from the last one back. */
function newest(entries) {
  const sized = entries.map((entry) => ({ entry, size: JSON.stringify(entry).length }));
  const fitting = sized.filter(({ size }) => size <= LARGEST_ENTRY).slice(-MOST_ENTRIES);
  let room = MOST_CHARACTERS;
  const tooOld = fitting.findLastIndex(({ size }) => (room -= size) < 0);
  return fitting.slice(tooOld + 1).map(({ entry }) => entry);
}

function isWhole(entry) {
  return entry.from === "user" ? typeof entry.message === "string" : entry.from === "bot";
}
