/**
 * A stored conversation: a single value, so that it is always read and written as a whole.
 *
 *     { session, began, count, offset, entries }
 *
 * `began` is in milliseconds since 1970: of two conversations, the browser keeps the one that began
 * later. `offset` is that of the newest bot message here, "" before the first: the server numbers a
 * session's messages. It starts anew after it has forgotten the session, and `count` is how often it
 * has: an offset is meaningful only within its session and count.
 *
 * Entries, in order:
 *
 *     { id, at, from: "user", text, message, state: "waiting" | "sent" | "failed", attempt, silent }
 *     { id, at, from: "bot", payload }
 *
 * `text` is shown and `message` is sent (a button's title and its payload); a `silent` entry is not
 * shown; `at` is in milliseconds since 1970; `attempt` counts from 1. The id of a numbered bot message
 * is its count and offset.
 */
const MOST_ENTRIES = 200;
const MOST_CHARACTERS = 500_000;
const LARGEST_ENTRY = 200_000; // characters: one image in a data: URL must not displace all others
const SENT = 1_000_000; // more than any attempt
const OFFSET = /^\d{20}$/;

/** A conversation without messages. */
export function newRecord(session, began) {
  return { session, began, count: 0, offset: "", entries: [] };
}

/** A stored value as a record; null for anything else. */
export function recordOf(value) {
  const { session, began, count, offset, entries } = Object(value);
  const isOurs = isText(session) && isNumber(began) && isNumber(count) && (offset === "" || OFFSET.test(offset));
  return isOurs && Array.isArray(entries) ? { session, began, count, offset, entries: entries.filter(isWhole) } : null;
}

/** A record from an earlier version's values, which stored session and entries separately. */
export function recordOfBefore(session, entries = []) {
  if (!isText(session) || !Array.isArray(entries)) return null;
  const numbers = entries.map((entry) => entry?.id).filter((id) => OFFSET.test(id));
  const renamed = entries.map((entry) => (OFFSET.test(entry?.id) ? { ...entry, id: idOf(0, entry.id) } : entry));
  return recordOf({ session, began: 0, count: 0, offset: numbers.toSorted().at(-1) ?? "", entries: renamed });
}

/** The id of the bot message with this offset. */
export function idOf(count, offset) {
  return `${count} ${offset}`;
}

/** A record with one more entry. */
export function extended(record, entry) {
  return { ...record, entries: [...record.entries, entry].slice(-MOST_ENTRIES) };
}

/** Whether one conversation replaces another; all tabs come to the same result. */
export function isLater(one, other) {
  return one.began === other.began ? one.session > other.session : one.began > other.began;
}

/** Two records of one session joined; the result is the same in every tab and in either order. */
export function joined(one, other) {
  const entries = new Map(one.entries.map((entry) => [entry.id, entry]));
  for (const entry of other.entries) entries.set(entry.id, entries.has(entry.id) ? agreed(entries.get(entry.id), entry) : entry);
  const [{ count, offset }] = [one, other].toSorted(byProgress);
  const inOrder = [...entries.values()].toSorted((first, second) => first.at - second.at || (first.id < second.id ? -1 : 1));
  return { ...one, began: Math.min(one.began, other.began), count, offset, entries: inOrder.slice(-MOST_ENTRIES) };
}

/** A record with as many of the newest entries as fit. */
export function fitting(record) {
  const sized = record.entries.map((entry) => ({ entry, size: JSON.stringify(entry).length }));
  const small = sized.filter(({ size }) => size <= LARGEST_ENTRY).slice(-MOST_ENTRIES);
  let room = MOST_CHARACTERS;
  const tooOld = small.findLastIndex(({ size }) => (room -= size) < 0);
  return { ...record, entries: small.slice(tooOld + 1).map(({ entry }) => entry) };
}

/** Sort the later record first. */
function byProgress(one, other) {
  return other.count - one.count || (other.offset > one.offset ? 1 : -1);
}

/** Join two copies of an entry: with the earlier time, and the furthest state. */
function agreed(one, other) {
  const [first, second] = one.at <= other.at ? [one, other] : [other, one];
  return stage(second) > stage(first) ? { ...first, state: second.state, attempt: second.attempt } : first;
}

/** How far a user's message has come; differs for any two states. */
function stage({ state, attempt = 1 }) {
  return (state === "sent" ? SENT : 0) + 2 * attempt + (state === "failed" ? 1 : 0);
}

function isWhole(entry) {
  if (!isText(entry?.id) || !isNumber(entry.at)) return false;
  return entry.from === "user" ? typeof entry.message === "string" : entry.from === "bot";
}

function isText(value) {
  return typeof value === "string" && value !== "";
}

function isNumber(value) {
  return Number.isFinite(value) && value >= 0;
}
