/**
 * What an earlier version of this page stored: `session` and `entries`. Such a page may still be open in
 * another tab, and continue its conversation there or begin another. `taken` is the session that was
 * taken over last.
 */
import { idOf, joined, recordOf } from "./record.js";

const VALUES = ["session", "entries"];
const TAKEN = "taken";
const OFFSET = /^\d{20}$/;

/** The stored record, or what an earlier version's page has made of it meanwhile; null without either. */
export function withBefore(storage, stored) {
  const [session, entries] = VALUES.map((name) => storage.get(name));
  const before = recordOfBefore(session, entries, beganOf(session, storage.get(TAKEN), stored));
  const record = before && stored ? joined(stored, before) : (before ?? stored);
  if (before) storage.set(TAKEN, session);
  // while it still adds to the record, such a page is open and uses it
  if (JSON.stringify(record) === JSON.stringify(stored)) forgetBefore(storage);
  return record;
}

/** Remove an earlier version's values. */
export function forgetBefore(storage) {
  for (const name of VALUES) storage.remove(name);
}

/** Such a page's conversation is the stored one, or has been replaced by it, or was begun since by that page. */
function beganOf(session, taken, stored) {
  if (!stored) return 1;
  if (session === stored.session) return stored.began;
  return session === taken ? 0 : stored.began + 1;
}

function recordOfBefore(session, entries = [], began) {
  if (!Array.isArray(entries)) return null;
  let offset = "";
  const placed = entries.filter(Boolean).map((entry) => {
    const isNumbered = OFFSET.test(entry.id);
    if (isNumbered) offset = entry.id;
    const place = { count: 0, offset };
    return isNumbered ? { id: idOf(0, offset), ...place, from: entry.from, payload: entry.payload } : { ...entry, ...place };
  });
  const latest = Math.max(0, ...placed.map(({ at }) => at || 0));
  return recordOf({ session, began, count: 0, offset, latest, entries: placed, dropped: "" });
}
