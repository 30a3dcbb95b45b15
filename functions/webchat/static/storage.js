/** JSON values by name, in localStorage or a substitute. */
export class Storage {
  #items;
  #prefix;
  #seen = new Map();

  /** `items` has localStorage's getItem, setItem and removeItem, and `watch(changed)` for other tabs' changes. */
  constructor(items, prefix) {
    this.#items = items;
    this.#prefix = prefix;
  }

  get(name) {
    const text = this.#text(name);
    this.#seen.set(name, text);
    try {
      return JSON.parse(text) ?? undefined;
    } catch {
      return undefined; // not written by us
    }
  }

  /** Whether a value is unchanged since this tab last read or wrote it. */
  isSeen(name) {
    return this.#seen.get(name) === this.#text(name);
  }

  /** Store a value; returns false if there is no room. */
  set(name, value) {
    const text = JSON.stringify(value);
    try {
      this.#items.setItem(this.#prefix + name, text);
    } catch {
      return false;
    }
    this.#seen.set(name, text);
    return true;
  }

  remove(name) {
    this.#items.removeItem(this.#prefix + name);
  }

  /** Call `changed()` when another tab has written the value. */
  watch(name, changed) {
    this.#items.watch((key) => key === this.#prefix + name && changed());
  }

  #text(name) {
    return this.#items.getItem(this.#prefix + name);
  }
}

/**
 * localStorage; if the browser blocks it, the storage of the site that embeds the page, or else
 * only this page's memory.
 */
export async function bestItems(frame) {
  try {
    window.localStorage.getItem("");
    return new Local();
  } catch {
    return new Memory(frame.isEmbedded ? await frame.recall() : {}, frame);
  }
}

class Local {
  getItem(key) {
    return window.localStorage.getItem(key);
  }

  setItem(key, value) {
    window.localStorage.setItem(key, value);
  }

  removeItem(key) {
    window.localStorage.removeItem(key);
  }

  watch(changed) {
    window.addEventListener("storage", ({ key }) => changed(key));
  }
}

class Memory {
  #values;
  #frame;

  constructor(values, frame) {
    this.#values = new Map(Object.entries(values));
    this.#frame = frame;
  }

  getItem(key) {
    return this.#values.get(key) ?? null;
  }

  setItem(key, value) {
    this.#values.set(key, value);
    this.#frame.keep(key, value);
  }

  removeItem(key) {
    this.#values.delete(key);
    this.#frame.keep(key, null);
  }

  watch(changed) {
    this.#frame.follow((key, value) => {
      this.#values.set(key, value);
      changed(key);
    });
  }
}

/** A random id of 122 bits; `crypto.randomUUID` exists only on https and localhost. */
export function randomId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
