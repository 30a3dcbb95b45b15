/** Buttons that send a message or open a link; available until the user's next message. */
import { element, link } from "./elements.js";

/** A group of choices; `choose(title, payload)` is called for a pressed one. */
export function choiceGroup(choices, label, kind, choose) {
  const buttons = choices.map(({ title, payload, url }) =>
    url
      ? withClass(link(url, title), "choice")
      : element("button", { type: "button", class: "choice", dir: "auto", click: () => choose(title, payload) }, title),
  );
  return element("div", { class: `choices ${kind}`, role: "group", "aria-label": label }, ...buttons);
}

/** Close open choices: replies are removed, a card's buttons are disabled. */
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
