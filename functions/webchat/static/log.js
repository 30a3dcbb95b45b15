/** The list of messages: its content, its announcements, and its scroll position. */
import { closeChoices } from "./choices.js";
import { element } from "./elements.js";

const TYPING_LASTS = 30_000; // milliseconds after the last sign of typing
const NEAR = 80; // pixels from the end that still count as the end

export class Log {
  #page;
  #bubbles;
  #texts;
  #items = new Map();
  #stream = null;
  #typing = 0;
  #atEnd = true;

  /** `page` gives the page's elements by id. */
  constructor(page, bubbles, texts) {
    this.#page = page;
    this.#bubbles = bubbles;
    this.#texts = texts;
    page.scroll.addEventListener("scroll", () => this.#scrolled());
    page.newer.addEventListener("click", () => this.#toEnd());
    // stay at the end when content loads late (images) or the view shrinks (a keyboard)
    const resized = new ResizeObserver(() => this.#atEnd && this.#toEnd());
    for (const watched of [page.scroll, page.messages, page.pending]) resized.observe(watched);
  }

  /** Replace what is shown by a conversation's entries, without announcing them. */
  show(entries) {
    this.#items.clear();
    this.#page.messages.replaceChildren();
    this.#page.newer.hidden = true;
    this.stopWaiting();
    this.#page.welcome.hidden = entries.some((entry) => !entry.silent);
    if (entries.length === 0) return;
    this.#page.log.setAttribute("aria-live", "off");
    for (const entry of entries) this.#insert(entry);
    this.#toEnd();
    window.setTimeout(() => this.#page.log.setAttribute("aria-live", "polite"), 500);
  }

  /** Show a new entry at its place among all `entries`; the log's live region announces it. */
  add(entry, entries) {
    if (entry.from === "bot") this.#settle(entry.payload);
    const following = entries.slice(entries.findIndex(({ id }) => id === entry.id) + 1);
    const item = this.#insert(entry, following.map(({ id }) => this.#items.get(id)).find(Boolean));
    if (!item) return;
    item.classList.add("new");
    if (entry.from === "user" || this.#atEnd) this.#toEnd();
    else this.#page.newer.hidden = false;
  }

  mark(entry) {
    const item = this.#items.get(entry.id);
    if (item) this.#bubbles.mark(item, entry);
  }

  typing() {
    if (this.#stream) return;
    if (!this.#typing) this.#showDots();
    window.clearTimeout(this.#typing);
    this.#typing = window.setTimeout(() => this.stopWaiting(), TYPING_LASTS);
  }

  /** Add a chunk of a streamed reply; the reply is announced once, when it is complete. */
  stream({ id, seq, delta, done } = {}) {
    if (typeof id !== "string") return;
    if (this.#stream?.id !== id) {
      if (done || seq !== 0) return; // its start was missed: the full text follows
      this.stopWaiting();
      this.#stream = { id, text: "", next: 0, bubble: this.#bubbles.growing() };
      this.#page.pending.replaceChildren(this.#stream.bubble);
    }
    if (done || seq !== this.#stream.next || typeof delta !== "string") return;
    this.#stream.next += 1;
    this.#stream.text += delta;
    this.#bubbles.grow(this.#stream.bubble, this.#stream.text);
  }

  /** Stop showing that a reply is on its way: the connection is gone, or the reply has come. */
  stopWaiting() {
    window.clearTimeout(this.#typing);
    this.#typing = 0;
    this.#stream = null;
    this.#page.pending.replaceChildren();
    this.#page.typing.textContent = "";
  }

  /** Replace the preview by the message that has come. */
  #settle(payload) {
    const isWhole = typeof payload?.text === "string";
    if (!this.#stream || isWhole) this.stopWaiting();
  }

  #showDots() {
    this.#page.pending.replaceChildren(element("div", { class: "bubble dots" }, ...[1, 2, 3].map(() => element("span"))));
    this.#page.typing.textContent = this.#texts.typing;
  }

  /** Insert an entry's item before another one, or at the end; null if there is nothing new to show. */
  #insert(entry, before = null) {
    if (entry.silent || this.#items.has(entry.id)) return null;
    const item = this.#bubbles.of(entry);
    if (!item) return null;
    this.#items.set(entry.id, item);
    this.#page.welcome.hidden = true;
    this.#page.messages.insertBefore(item, before);
    closePassed(item);
    return item;
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.#page.scroll;
    this.#atEnd = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.#atEnd) this.#page.newer.hidden = true;
  }

  #toEnd() {
    this.#atEnd = true;
    this.#page.newer.hidden = true;
    this.#page.scroll.scrollTop = this.#page.scroll.scrollHeight;
  }
}

/** Close the choices that a user's message has passed: those before a new one, or a new item's own. */
function closePassed(item) {
  if (isUser(item)) {
    for (let each = item.previousElementSibling; each && !isUser(each); each = each.previousElementSibling) closeChoices(each);
  } else {
    for (let each = item.nextElementSibling; each; each = each.nextElementSibling) if (isUser(each)) return closeChoices(item);
  }
}

function isUser(item) {
  return item.classList.contains("user");
}
