/** Renders entries of the history as elements of the log. */
import { choiceGroup } from "./choices.js";
import { element, hiddenText, link } from "./elements.js";
import { markdown } from "./markdown.js";
import { partsOf } from "./payloads.js";

/** Renders entries with the page's texts; `choose(title, payload)` is called for a pressed button. */
export class Bubbles {
  #texts;
  #choose;
  #retry;

  constructor(texts, choose, retry) {
    this.#texts = texts;
    this.#choose = choose;
    this.#retry = retry;
  }

  of(entry) {
    return entry.from === "user" ? this.#user(entry) : this.#bot(entry);
  }

  /** Show the state of a user's message. */
  mark(item, entry) {
    item.dataset.state = entry.state;
    item.querySelector(".note")?.remove();
    if (entry.state === "waiting") {
      item.append(element("p", { class: "note" }, this.#texts.waiting));
    } else if (entry.state === "failed") {
      const again = element("button", { type: "button", click: () => this.#retry(entry) }, this.#texts.retry);
      item.append(element("p", { class: "note" }, `${this.#texts.failed} `, again));
    }
  }

  /** A bubble whose text grows. */
  growing() {
    return element("div", { class: "bubble", dir: "auto" });
  }

  grow(bubble, text) {
    bubble.replaceChildren(markdown(text));
  }

  #user(entry) {
    const bubble = element("div", { class: "bubble", dir: "auto" }, entry.text);
    const item = element("li", { class: "user" }, hiddenText(`${this.#texts.you} `), bubble);
    this.mark(item, entry);
    return item;
  }

  #bot(entry) {
    const parts = partsOf(entry.payload).map((part) => this.#part(part));
    return parts.length ? element("li", { class: "bot" }, hiddenText(`${this.#texts.bot} `), ...parts) : null;
  }

  #part(part) {
    switch (part.kind) {
      case "text":
        return element("div", { class: "bubble", dir: "auto" }, markdown(part.text));
      case "choices":
        return choiceGroup(part.choices, this.#texts.choices, "replies", this.#choose);
      case "image":
        return element("div", { class: "picture" }, link(part.url, this.#image(part.url, part.alt)));
      case "video":
      case "audio":
        return this.#player(part);
      case "file":
        return this.#file(part.url, part.name);
      case "cards":
        return this.#cards(part.cards);
      default:
        return this.#data(part.data);
    }
  }

  #image(url, alt) {
    const description = alt || this.#texts.image;
    const image = element("img", { src: url, alt: description, loading: "lazy", referrerpolicy: "no-referrer" });
    // An image that fails to load becomes a link with its description.
    image.addEventListener("error", () => image.replaceWith(element("span", { class: "missing" }, description)));
    return image;
  }

  #player({ kind, url, name }) {
    const label = name || this.#texts[kind];
    const player = element(kind, { src: url, controls: true, preload: "metadata", "aria-label": label });
    player.addEventListener("error", () => player.replaceWith(this.#file(url, label)));
    return player;
  }

  #file(url, name) {
    const made = link(url, hiddenText(`${this.#texts.file}: `), name);
    made.classList.add("file");
    return made;
  }

  #cards(cards) {
    const rail = element("ul", {}, ...cards.map((card) => element("li", {}, ...this.#card(card))));
    const shown = element("div", { class: "rail", tabindex: "0", role: "group", "aria-label": this.#texts.cards }, rail);
    if (cards.length === 1) return element("div", { class: "cards" }, shown);
    const turn = (direction, label, sign) =>
      element("button", { type: "button", class: "turn", "aria-label": label, click: () => scroll(shown, direction) }, sign);
    const turns = [turn(-1, this.#texts.previous, "‹"), turn(1, this.#texts.next, "›")];
    const turning = element("div", { class: "turns" }, ...turns);
    new ResizeObserver(() => (turning.hidden = shown.scrollWidth <= shown.clientWidth)).observe(shown);
    return element("div", { class: "cards" }, shown, turning);
  }

  #card({ title, subtitle, image, url, choices }) {
    return [
      image && this.#image(image, title),
      title && element("h2", { dir: "auto" }, url ? link(url, title) : title),
      subtitle && element("p", { dir: "auto" }, subtitle),
      choices.length ? choiceGroup(choices, title || this.#texts.choices, "of-card", this.#choose) : null,
    ].filter(Boolean);
  }

  #data(data) {
    const summary = element("summary", {}, this.#texts.data);
    return element("details", { class: "data" }, summary, element("pre", { tabindex: "0" }, JSON.stringify(data, null, 2)));
  }
}

/** Scroll by one card; the text direction decides which way that is. */
function scroll(rail, direction) {
  const width = rail.querySelector("li").getBoundingClientRect().width;
  const sign = getComputedStyle(rail).direction === "rtl" ? -direction : direction;
  rail.scrollBy({ left: sign * width });
}
