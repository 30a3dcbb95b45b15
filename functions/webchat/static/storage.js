/**
 * JSON values by name in localStorage. Where the browser blocks that (a setting, an embedded page
 * without rights to it) or it is full, they last as long as the page.
 */
export class Storage {
  #prefix;
  #memory = new Map();

  constructor(prefix) {
    this.#prefix = prefix;
  }

  get(name) {
    try {
      const text = window.localStorage.getItem(this.#prefix + name);
      if (text !== null) return JSON.parse(text);
    } catch {
      // blocked, or not written by us
    }
    return this.#memory.get(name);
  }

  set(name, value) {
    this.#memory.set(name, value);
    try {
      window.localStorage.setItem(this.#prefix + name, JSON.stringify(value));
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

/** A random id of 122 bits; `crypto.randomUUID` is only there on https and on this machine. */
export function randomId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
