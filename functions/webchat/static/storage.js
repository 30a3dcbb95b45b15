const SITE_RESPONDS_WITHIN = 2_000; // milliseconds until the page is shown without its values

/** JSON values by name, in localStorage or a substitute. */
export class Storage {
  #items;
  #prefix;
  #seen = new Map();

  /**
   * `items` has localStorage's getItem, setItem and removeItem, `watch(changed)` for other tabs' changes
   * by key and value, and whether and when its values are known: `isLoaded`, and the promise `loaded`.
   */
  constructor(items, prefix) {
    this.#items = items;
    this.#prefix = prefix;
  }

  get isLoaded() {
    return this.#items.isLoaded;
  }

  get loaded() {
    return this.#items.loaded;
  }

  get(name) {
    const text = this.#text(name);
    this.#seen.set(name, text);
    return valueOf(text);
  }

  /** Whether a value is unchanged since this tab last read or wrote it. */
  isSeen(name) {
    return this.#seen.get(name) === this.#text(name);
  }

  /** Whether a value is what is stored. */
  holds(name, value) {
    return this.#text(name) === JSON.stringify(value);
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

  /** Call `changed(value)` when another tab has written a value; a later one may be stored already. */
  watch(name, changed) {
    this.#items.watch((key, text) => key === this.#prefix + name && changed(valueOf(text)));
  }

  #text(name) {
    return this.#items.getItem(this.#prefix + name);
  }
}

function valueOf(text) {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined; // not written by us
  }
}

/**
 * localStorage; if the browser blocks it, the storage of the site that embeds the page, or else
 * only this page's memory. The site may be too busy to respond: then its values come later.
 */
export async function bestItems(frame) {
  try {
    window.localStorage.getItem("");
    return new Local();
  } catch {
    const memory = new Memory(frame);
    await Promise.race([memory.loaded, new Promise((resolve) => window.setTimeout(resolve, SITE_RESPONDS_WITHIN))]);
    return memory;
  }
}

class Local {
  isLoaded = true;
  loaded = Promise.resolve();

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
    window.addEventListener("storage", ({ key, newValue }) => changed(key, newValue));
  }
}

class Memory {
  isLoaded = false;
  loaded;
  #values = new Map();
  #frame;

  constructor(frame) {
    this.#frame = frame;
    this.loaded = frame.recall().then((values) => {
      for (const [key, value] of Object.entries(values)) this.#values.set(key, value);
      this.isLoaded = true;
    });
  }

  getItem(key) {
    return this.#values.get(key) ?? null;
  }

  setItem(key, value) {
    this.#values.set(key, value);
    this.#keep(key, value);
  }

  removeItem(key) {
    this.#values.delete(key);
    this.#keep(key, null);
  }

  watch(changed) {
    this.#frame.follow((key, value) => {
      this.#values.set(key, value);
      changed(key, value);
    });
  }

  /** The site's value must not be replaced before it is known. */
  #keep(key, value) {
    if (this.isLoaded) this.#frame.keep(key, value);
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
