/**
 * The parts that a `bot_uttered` payload shows, in order. Understands Rasa's shapes, and those of
 * other widgets and of the REST channel:
 *
 *     { kind: "text", text }                       { kind: "image", url, alt }
 *     { kind: "choices", choices }                 { kind: "video" | "audio" | "file", url, name }
 *     { kind: "cards", cards: [{ title, subtitle, image, url, choices }] }
 *     { kind: "data", data }                       anything else
 *
 * A choice is { title, payload, url }: `url` is null if choosing it sends a message.
 */
import { safeImage, safeLink } from "./markdown.js";

export function partsOf(payload) {
  if (typeof payload === "string") return payload ? [text(payload)] : [];
  if (typeof payload !== "object" || payload === null) return [{ kind: "data", data: payload }];
  const parts = [
    ...textPart(payload.text),
    ...imagePart(payload.image),
    ...attachmentParts(payload.attachment),
    ...cardParts(payload.elements),
    ...choiceParts(payload.quick_replies ?? payload.buttons),
  ];
  const isKnown = ["text", "image", "attachment", "elements", "quick_replies", "buttons"].some(
    (key) => key in payload,
  );
  return isKnown ? parts : [{ kind: "data", data: payload }];
}

function text(value) {
  return { kind: "text", text: value };
}

function textPart(value) {
  return typeof value === "string" && value.trim() ? [text(value)] : [];
}

function imagePart(address, alt) {
  const url = safeImage(address);
  return url ? [{ kind: "image", url, alt: words(alt) }] : textPart(address);
}

function attachmentParts(attachment) {
  if (attachment === undefined || attachment === null || attachment === "") return [];
  if (typeof attachment === "string") return filePart("file", attachment);
  const { type, payload } = attachment;
  const content = typeof payload === "string" ? { url: payload } : (payload ?? attachment);
  const url = content.src ?? content.url;
  const name = content.title ?? content.name ?? content.alt;
  if (type === "template") return templateParts(content);
  if (type === "image") return imagePart(url, name);
  if (["video", "audio", "file"].includes(type)) return filePart(type, url, name);
  return url ? filePart("file", url, name) : [{ kind: "data", data: attachment }];
}

function templateParts(content) {
  const cards = cardParts(content.elements);
  if (cards.length) return cards;
  const parts = [...textPart(content.text), ...choiceParts(content.buttons)];
  return parts.length ? parts : [{ kind: "data", data: content }];
}

function filePart(kind, address, name) {
  const url = safeLink(address);
  if (!url) return textPart(address);
  return [{ kind, url, name: words(name) || lastSegment(url) }];
}

/** Rasa sends a single element where other servers send a list. */
function cardParts(elements) {
  if (elements === undefined || elements === null) return [];
  const cards = [elements].flat().filter((each) => typeof each === "object" && each !== null);
  return cards.length ? [{ kind: "cards", cards: cards.map(card) }] : [];
}

function card(shown) {
  return {
    title: words(shown.title),
    subtitle: words(shown.subtitle),
    image: safeImage(shown.image_url),
    url: safeLink(shown.default_action?.url ?? shown.item_url),
    choices: choiceParts(shown.buttons)[0]?.choices ?? [],
  };
}

function choiceParts(buttons) {
  if (!Array.isArray(buttons)) return [];
  const choices = buttons.map(choice).filter((each) => each.title);
  return choices.length ? [{ kind: "choices", choices }] : [];
}

function choice(button) {
  const title = words(button?.title);
  const payload = typeof button?.payload === "string" ? button.payload : title;
  return { title, payload, url: safeLink(button?.url) };
}

function words(value) {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function lastSegment(url) {
  const { pathname, hostname } = new URL(url);
  const last = pathname.split("/").pop();
  try {
    return decodeURIComponent(last) || hostname;
  } catch {
    return last;
  }
}
