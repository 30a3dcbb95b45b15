/** The list of messages: what is in it, what is announced, and where it is scrolled to. */
import { closeChoices } from "./choices.js";
import { element } from "./elements.js";

const TYPING_LASTS = 30_000; // milliseconds without a word
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
    // what loads later (images) or shrinks the view (a keyboard) keeps the end in view
    const resized = new ResizeObserver(() => this.#atEnd && this.#toEnd());
    for (const watched of [page.scroll, page.messages, page.pending]) resized.observe(watched);
  }

  /** Show a conversation's entries in place of what is shown; they are not announced. */
  show(entries) {
    this.#items.clear();
    this.#page.messages.replaceChildren();
    this.#page.newer.hidden = true;
    this.stopWaiting();
    this.#page.welcome.hidden = entries.some((entry) => !entry.silent);
    if (entries.length === 0) return;
    this.#page.log.setAttribute("aria-live", "off");
    for (const entry of entries) this.#append(entry);
    this.#toEnd();
    window.setTimeout(() => this.#page.log.setAttribute("aria-live", "polite"), 500);
  }

  /** Show an entry that has just been made; the log's live region announces it. */
  add(entry) {
    if (entry.from === "bot") this.#settle(entry.payload);
    const item = this.#append(entry);
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

  /** Take a piece of an answer that is being written; it is announced once, when it is whole. */
  stream({ id, seq, delta, done } = {}) {
    if (typeof id !== "string") return;
    if (this.#stream?.id !== id) {
      if (done || seq !== 0) return; // its beginning was missed: the whole text comes
      this.stopWaiting();
      this.#stream = { id, text: "", next: 0, bubble: this.#bubbles.growing() };
      this.#page.pending.replaceChildren(this.#stream.bubble);
    }
    if (done || seq !== this.#stream.next || typeof delta !== "string") return;
    this.#stream.next += 1;
    this.#stream.text += delta;
    this.#bubbles.grow(this.#stream.bubble, this.#stream.text);
  }

  /** Nothing is on its way any more: the connection is gone, or the answer is there. */
  stopWaiting() {
    window.clearTimeout(this.#typing);
    this.#typing = 0;
    this.#stream = null;
    this.#page.pending.replaceChildren();
    this.#page.typing.textContent = "";
  }

  /** Replace what was on its way by what has come. */
  #settle(payload) {
    const isWhole = typeof payload?.text === "string";
    if (!this.#stream || isWhole) this.stopWaiting();
  }

  #showDots() {
    this.#page.pending.replaceChildren(element("div", { class: "bubble dots" }, ...[1, 2, 3].map(() => element("span"))));
    this.#page.typing.textContent = this.#texts.typing;
  }

  #append(entry) {
    if (entry.silent || this.#items.has(entry.id)) return null;
    if (entry.from === "user") closeChoices(this.#page.messages);
    const item = this.#bubbles.of(entry);
    if (!item) return null;
    this.#items.set(entry.id, item);
    this.#page.welcome.hidden = true;
    this.#page.messages.append(item);
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
