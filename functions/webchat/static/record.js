/**
 * A stored conversation: a single value, so that it is always read and written as a whole.
 *
 *     { session, began, count, offset, latest, entries, dropped }
 *
 * `began` is in milliseconds since 1970: of two conversations, the browser keeps the one that began
 * later. It is 0 if nobody knew yet what is stored. `offset` is that of the newest bot message here, ""
 * before the first: the server numbers a session's messages. It starts anew after it has forgotten the
 * session, and `count` is how often it has: an offset is meaningful only within its session and count.
 * `latest` is the newest `at`, and `dropped` the place of the newest entry that had to make room, ""
 * before the first: nothing up to it is kept.
 *
 * Entries, in order:
 *
 *     { id, count, offset, at, from: "user", text, message, state: "waiting" | "sent" | "failed", attempt, silent }
 *     { id, count, offset, from: "bot", payload }
 *
 * `text` is shown and `message` is sent (a button's title and its payload); a `silent` entry is not
 * shown; `attempt` counts from 1. `count` and `offset` are a bot message's own, and make up its id. A
 * user's message has those of the newest bot message at the time, and `at`, in milliseconds since 1970,
 * for the order of several; so does a bot message without a number.
 *
 * An entry's place never changes and is the same in every tab. Therefore it does not matter in which
 * order records are joined, nor how often, even where entries have to be dropped.
 */
const MOST_ENTRIES = 200;
const MOST_CHARACTERS = 500_000;
const LARGEST_ENTRY = 200_000; // characters: one image in a data: URL must not displace all others
const SENT = 1_000_000; // more than any attempt
const OFFSET = /^\d{20}$/;

/** A conversation without messages. */
export function newRecord(session, began) {
  return { session, began, count: 0, offset: "", latest: 0, entries: [], dropped: "" };
}

/** A stored value as a record; null for anything else. */
export function recordOf(value) {
  const { session, began, count, offset, latest, entries, dropped } = Object(value);
  const areNumbers = [began, count, latest].every(isNumber);
  const isOurs = isText(session) && areNumbers && isOffset(offset) && Array.isArray(entries) && typeof dropped === "string";
  return isOurs ? fitting({ session, began, count, offset, latest, entries: entries.filter(isWhole), dropped }) : null;
}

/** The id of the bot message with this offset. */
export function idOf(count, offset) {
  return `${count} ${offset}`;
}

/** An entry's place, as a text: of two entries, the lesser one comes first. */
export function placeOf({ id, count, offset, at }) {
  const after = `${padded(count)} ${offset}`;
  return id === idOf(count, offset) ? after : `${after} ${padded(at)} ${id}`;
}

/** Sort entries by their place. */
export function inOrder(entries) {
  const places = new Map(entries.map((entry) => [entry, placeOf(entry)]));
  return entries.toSorted((one, other) => (places.get(one) < places.get(other) ? -1 : 1));
}

/** The time of what comes next: later than any other, whatever the clock says. */
export function timeAfter({ began, latest }, now) {
  return Math.max(now, began + 1, latest + 1);
}

/** A record with an entry added or replaced. */
export function extended(record, entry) {
  const latest = Math.max(record.latest, entry.at ?? 0);
  return fitting({ ...record, latest, entries: [...record.entries.filter(({ id }) => id !== entry.id), entry] });
}

/** A record without the older half of its entries. */
export function halved(record) {
  const half = Math.ceil(record.entries.length / 2);
  return { ...record, entries: record.entries.slice(half), dropped: placeOf(record.entries[half - 1]) };
}

/** Whether two records are of one conversation. */
export function isSame(one, other) {
  return one.session === other.session && one.began === other.began;
}

/**
 * Two records joined: of two conversations, the later one, else what either has. Commutative, associative
 * and idempotent.
 */
export function joined(one, other) {
  if (!isSame(one, other)) return isLater(one, other) ? one : other;
  const entries = new Map(one.entries.map((entry) => [entry.id, entry]));
  for (const entry of other.entries) entries.set(entry.id, entries.has(entry.id) ? agreed(entries.get(entry.id), entry) : entry);
  const { count, offset } = isFurther(other, one) ? other : one;
  const latest = Math.max(one.latest, other.latest);
  const dropped = one.dropped > other.dropped ? one.dropped : other.dropped;
  return fitting({ ...one, count, offset, latest, entries: [...entries.values()], dropped });
}

/** Of two copies of an entry, the one that has come further. */
export function agreed(one, other) {
  const ahead = stage(other) - stage(one) || (JSON.stringify(other) > JSON.stringify(one) ? 1 : 0);
  return ahead > 0 ? other : one;
}

function isLater(one, other) {
  return one.began === other.began ? one.session > other.session : one.began > other.began;
}

function isFurther(one, other) {
  return one.count === other.count ? one.offset > other.offset : one.count > other.count;
}

/** How far a user's message has come; differs for any two states. */
function stage({ state, attempt = 1 }) {
  return (state === "sent" ? SENT : 0) + 2 * attempt + (state === "failed" ? 1 : 0);
}

/**
 * A record with its entries in order, as many of the newest as fit. The others stay dropped: where a large
 * one had to go, a smaller one before it could still fit, and the result would depend on which came first.
 */
function fitting(record) {
  const sized = inOrder(record.entries).map((entry) => ({ entry, size: sizeOf(entry) }));
  const kept = sized.filter(({ entry, size }) => size <= LARGEST_ENTRY && placeOf(entry) > record.dropped);
  let room = MOST_CHARACTERS;
  const tooLarge = kept.findLastIndex(({ size }) => (room -= size) < 0);
  const last = Math.max(tooLarge, kept.length - MOST_ENTRIES - 1);
  const dropped = last < 0 ? record.dropped : placeOf(kept[last].entry);
  return { ...record, entries: kept.slice(last + 1).map(({ entry }) => entry), dropped };
}

/** In characters, of what never changes. */
function sizeOf({ text, message, payload }) {
  return JSON.stringify([text, message, payload]).length;
}

function padded(number) {
  return String(number).padStart(16, "0");
}

function isWhole(entry) {
  if (!isText(entry?.id) || !isNumber(entry.count) || !isOffset(entry.offset)) return false;
  const isTimed = isNumber(entry.at) || entry.id === idOf(entry.count, entry.offset);
  return isTimed && (entry.from === "user" ? typeof entry.message === "string" : entry.from === "bot");
}

function isOffset(value) {
  return value === "" || OFFSET.test(value);
}

function isText(value) {
  return typeof value === "string" && value !== "";
}

function isNumber(value) {
  return Number.isFinite(value) && value >= 0;
}
