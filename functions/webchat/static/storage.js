/** JSON values by name, in localStorage or what stands in for it. */
export class Storage {
  #items;
  #prefix;

  /** `items` has localStorage's getItem and setItem. */
  constructor(items, prefix) {
    this.#items = items;
    this.#prefix = prefix;
  }

  get(name) {
    try {
      return JSON.parse(this.#items.getItem(this.#prefix + name)) ?? undefined;
    } catch {
      return undefined; // not written by us
    }
  }

  /** False when there is no room. */
  set(name, value) {
    try {
      this.#items.setItem(this.#prefix + name, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  }

  /** Call `changed()` when another tab has written a value. */
  watch(changed) {
    window.addEventListener("storage", ({ key }) => {
      if (key?.startsWith(this.#prefix)) changed();
    });
  }
}

/**
 * localStorage; where the browser blocks it, the storage of the site that embeds the page, or
 * nothing but this page's memory.
 */
export async function bestItems(frame) {
  try {
    window.localStorage.getItem("");
    return window.localStorage;
  } catch {
    return new Memory(frame.isEmbedded ? await frame.recall() : {}, (key, value) => frame.keep(key, value));
  }
}

class Memory {
  #values;
  #keep;

  constructor(values, keep) {
    this.#values = new Map(Object.entries(values));
    this.#keep = keep;
  }

  getItem(key) {
    return this.#values.get(key) ?? null;
  }

  setItem(key, value) {
    this.#values.set(key, value);
    this.#keep(key, value);
  }
}

/** A random id of 122 bits; `crypto.randomUUID` is only there on https and on this machine. */
export function randomId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
