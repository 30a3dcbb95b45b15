/**
 * The page inside another site, opened there by embed.js. They exchange, only with each other:
 *
 *     page to site   { webchat: "ready" }, { webchat: "close" }, { webchat: "unread" }
 *     site to page   { webchat: "opened" }, { webchat: "closed" }
 *
 * and, where the browser lends embedded pages no storage, so that the site's keeps the conversation:
 *
 *     page to site   { webchat: "recall" }, { webchat: "keep", key, value }
 *     site to page   { webchat: "recalled", values: { key: value } }, { webchat: "kept", key, value }
 *
 * A value is a text, null in `keep` removes it; `kept` is what another tab of the site has written.
 */
const ANSWERED_WITHIN = 2_000; // milliseconds

export class Frame {
  #parent;
  #isOpen = true;

  /** `parent` is the origin of the site, as embed.js gave it; "" for a page of its own. */
  constructor(parent) {
    this.#parent = window.parent === window ? "" : parent;
  }

  get isEmbedded() {
    return this.#parent !== "";
  }

  /** Begin to work together: `opened()` is called when the site shows the page. */
  start(closeButton, opened) {
    if (!this.isEmbedded) return;
    closeButton.hidden = false;
    closeButton.addEventListener("click", () => this.#tell({ webchat: "close" }));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing) this.#tell({ webchat: "close" });
    });
    this.#listen(({ webchat }) => {
      if (webchat === "opened") opened();
      if (["opened", "closed"].includes(webchat)) this.#isOpen = webchat === "opened";
    });
    this.#tell({ webchat: "ready" });
  }

  /** A message has come; a site whose chat is closed shows that. */
  heard() {
    if (!this.#isOpen) this.#tell({ webchat: "unread" });
  }

  /** What the site keeps for this page: texts by key, none if it does not answer. */
  recall() {
    return new Promise((resolve) => {
      this.#listen(({ webchat, values }) => webchat === "recalled" && resolve(values ?? {}));
      window.setTimeout(resolve, ANSWERED_WITHIN, {});
      this.#tell({ webchat: "recall" });
    });
  }

  keep(key, value) {
    this.#tell({ webchat: "keep", key, value });
  }

  /** Be told of what the page in another tab of the site keeps: `kept(key, value)`. */
  follow(kept) {
    this.#listen(({ webchat, key, value }) => webchat === "kept" && kept(key, value));
  }

  #listen(hear) {
    window.addEventListener("message", ({ source, origin, data }) => {
      if (source === window.parent && origin === this.#parent) hear(data ?? {});
    });
  }

  #tell(message) {
    if (this.isEmbedded) window.parent.postMessage(message, this.#parent);
  }
}
