/**
 * The page inside another site, opened there by embed.js. They exchange, only with each other:
 *
 *     page to site   { webchat: "ready" }, { webchat: "close" }, { webchat: "unread" }
 *     site to page   { webchat: "opened" }, { webchat: "closed" }
 *
 * and, if the browser blocks storage for embedded pages, so that the site's keeps the conversation:
 *
 *     page to site   { webchat: "recall" }, { webchat: "keep", key, value }
 *     site to page   { webchat: "recalled", values: { key: value } }, { webchat: "kept", key, value }
 *
 * A value is a string; null in `keep` removes it. `kept` is what another tab of the site has written.
 */
export class Frame {
  #parent;
  #isOpen = true;

  /** `parent` is the origin of the site, as given by embed.js; "" for a standalone page. */
  constructor(parent) {
    this.#parent = window.parent === window ? "" : parent;
  }

  get isEmbedded() {
    return this.#parent !== "";
  }

  /** Start exchanging messages: `opened()` is called when the site shows the page. */
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

  /** A message has arrived: tell the site if its chat is closed, so that it shows a mark. */
  heard() {
    if (!this.#isOpen) this.#tell({ webchat: "unread" });
  }

  /** The values that the site keeps for this page, by key, once it responds; none without a site. */
  async recall() {
    if (!this.isEmbedded) return {};
    return new Promise((resolve) => {
      this.#listen(({ webchat, values }) => webchat === "recalled" && resolve(values ?? {}));
      this.#tell({ webchat: "recall" });
    });
  }

  keep(key, value) {
    this.#tell({ webchat: "keep", key, value });
  }

  /** Follow what the page in another tab of the site keeps: `kept(key, value)`. */
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
