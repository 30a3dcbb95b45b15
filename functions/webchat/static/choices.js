/** Buttons that say something when pressed, or lead somewhere; open until the user has spoken. */
import { element, link } from "./elements.js";

/** A group of choices; `choose(title, payload)` is called for the one that was pressed. */
export function choiceGroup(choices, label, kind, choose) {
  const buttons = choices.map(({ title, payload, url }) =>
    url
      ? withClass(link(url, title), "choice")
      : element("button", { type: "button", class: "choice", dir: "auto", click: () => choose(title, payload) }, title),
  );
  return element("div", { class: `choices ${kind}`, role: "group", "aria-label": label }, ...buttons);
}

/** Close what could still be chosen: replies vanish, a card's buttons stay as they are, disabled. */
export function closeChoices(container) {
  for (const group of container.querySelectorAll(".choices.replies")) {
    for (const button of group.querySelectorAll("button")) button.remove();
    if (!group.childElementCount) group.remove();
  }
  for (const button of container.querySelectorAll(".choices.of-card button")) button.disabled = true;
}

function withClass(made, name) {
  made.classList.add(name);
  return made;
}
