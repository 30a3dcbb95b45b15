/**
 * A conversation as it is stored: one value, so that whoever reads or writes it has all of it.
 *
 *     { session, began, count, offset, entries }
 *
 * `began` is in milliseconds since 1970: of two conversations the one that began later is the
 * browser's. `offset` is that of the newest of the bot's messages here, "" before the first: the
 * server numbers the messages of a session. It begins anew when it has forgotten the session, and
 * `count` says how often it has: an offset means something in its session and its count only.
 *
 * Entries, in order:
 *
 *     { id, at, from: "user", text, message, state: "waiting" | "sent" | "failed", attempt, silent }
 *     { id, at, from: "bot", payload }
 *
 * `text` is what is shown and `message` what is sent (a button's title and its payload); a `silent`
 * one is not shown; `at` is in milliseconds since 1970; `attempt` counts from 1. The id of a
 * numbered message of the bot's is its count and its offset.
 */
const MOST_ENTRIES = 200;
const MOST_CHARACTERS = 500_000;
const LARGEST_ENTRY = 200_000; // characters: an image in a data: URL is not worth all the others
const SENT = 1_000_000; // further than any attempt
const OFFSET = /^\d{20}$/;

/** A conversation in which nothing was said yet. */
export function newRecord(session, began) {
  return { session, began, count: 0, offset: "", entries: [] };
}

/** A stored value as a record; null for anything else. */
export function recordOf(value) {
  const { session, began, count, offset, entries } = Object(value);
  const isOurs = isText(session) && isNumber(began) && isNumber(count) && (offset === "" || OFFSET.test(offset));
  return isOurs && Array.isArray(entries) ? { session, began, count, offset, entries: entries.filter(isWhole) } : null;
}

/** A record of what was stored before there were records: session and entries apart. */
export function recordOfBefore(session, entries = []) {
  if (!isText(session) || !Array.isArray(entries)) return null;
  const numbers = entries.map((entry) => entry?.id).filter((id) => OFFSET.test(id));
  const renamed = entries.map((entry) => (OFFSET.test(entry?.id) ? { ...entry, id: idOf(0, entry.id) } : entry));
  return recordOf({ session, began: 0, count: 0, offset: numbers.toSorted().at(-1) ?? "", entries: renamed });
}

/** The id of the bot's message with an offset. */
export function idOf(count, offset) {
  return `${count} ${offset}`;
}

/** A record with one entry more. */
export function extended(record, entry) {
  return { ...record, entries: [...record.entries, entry].slice(-MOST_ENTRIES) };
}

/** Whether one conversation takes the place of another: all tabs agree on which. */
export function isLater(one, other) {
  return one.began === other.began ? one.session > other.session : one.began > other.began;
}

/** Two records of one session as one; the same for whoever joins them, in either order. */
export function joined(one, other) {
  const entries = new Map(one.entries.map((entry) => [entry.id, entry]));
  for (const entry of other.entries) entries.set(entry.id, entries.has(entry.id) ? agreed(entries.get(entry.id), entry) : entry);
  const [{ count, offset }] = [one, other].toSorted(byProgress);
  const inOrder = [...entries.values()].toSorted((first, second) => first.at - second.at || (first.id < second.id ? -1 : 1));
  return { ...one, began: Math.min(one.began, other.began), count, offset, entries: inOrder.slice(-MOST_ENTRIES) };
}

/** A record with as many entries as there is room for, from the last one back. */
export function fitting(record) {
  const sized = record.entries.map((entry) => ({ entry, size: JSON.stringify(entry).length }));
  const small = sized.filter(({ size }) => size <= LARGEST_ENTRY).slice(-MOST_ENTRIES);
  let room = MOST_CHARACTERS;
  const tooOld = small.findLastIndex(({ size }) => (room -= size) < 0);
  return { ...record, entries: small.slice(tooOld + 1).map(({ entry }) => entry) };
}

/** The later one first. */
function byProgress(one, other) {
  return other.count - one.count || (other.offset > one.offset ? 1 : -1);
}

/** One entry of two copies: heard when it was first, sent as far as anybody has it. */
function agreed(one, other) {
  const [first, second] = one.at <= other.at ? [one, other] : [other, one];
  return stage(second) > stage(first) ? { ...first, state: second.state, attempt: second.attempt } : first;
}

/** How far a user's message has come; in no two states is it as far. */
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
