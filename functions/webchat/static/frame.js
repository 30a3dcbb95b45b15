/**
 * The page inside another site, opened there by embed.js. They exchange, only with each other:
 *
 *     page to site   { webchat: "ready" }, { webchat: "close" }, { webchat: "unread" }
 *     site to page   { webchat: "opened" }, { webchat: "closed" }
 *
 * No content of the conversation crosses.
 */
export class Frame {
  #parent;
  #isOpen = true;

  /** `parent` is the origin of the site, as embed.js gave it; "" for a page of its own. */
  constructor(parent, closeButton, opened) {
    this.#parent = window.parent === window ? "" : parent;
    if (!this.#parent) return;
    closeButton.hidden = false;
    closeButton.addEventListener("click", () => this.#tell("close"));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing) this.#tell("close");
    });
    window.addEventListener("message", ({ source, origin, data }) => {
      if (source !== window.parent || origin !== this.#parent) return;
      if (data?.webchat === "opened") opened();
      if (["opened", "closed"].includes(data?.webchat)) this.#isOpen = data.webchat === "opened";
    });
    this.#tell("ready");
  }

  /** A message has come; a site whose chat is closed shows that. */
  heard() {
    if (!this.#isOpen) this.#tell("unread");
  }

  #tell(word) {
    if (this.#parent) window.parent.postMessage({ webchat: word }, this.#parent);
  }
}
