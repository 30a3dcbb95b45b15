/** The message input: Enter sends, Shift and Enter starts a new line. */
export class Composer {
  #input;

  /** `say(text)` is called with the text entered. */
  constructor(page, texts, say) {
    this.#input = page.input;
    page["input-label"].textContent = texts.placeholder;
    page.input.placeholder = texts.placeholder;
    page.send.setAttribute("aria-label", texts.send);
    page.composer.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(say);
    });
    page.input.addEventListener("keydown", (event) => {
      // with an input method, Enter accepts its suggestion
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit(say);
    });
    page.input.addEventListener("input", () => this.#fit());
  }

  focus() {
    this.#input.focus();
  }

  #submit(say) {
    const text = this.#input.value.trim();
    if (text) {
      this.#input.value = "";
      this.#fit();
      say(text);
    }
    this.focus();
  }

  /** Fit the height to the text, up to the stylesheet's limit. */
  #fit() {
    this.#input.style.height = "auto";
    const border = this.#input.offsetHeight - this.#input.clientHeight;
    this.#input.style.height = `${this.#input.scrollHeight + border}px`;
  }
}
