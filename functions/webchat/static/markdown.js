/**
 * The subset of Markdown that assistants use: bold, italics, code, links. Creates DOM nodes;
 * everything else, including HTML, is shown as text.
 */
import { element, link } from "./elements.js";

const LINKS = new Set(["http:", "https:", "mailto:", "tel:"]);
const IMAGES = new Set(["http:", "https:"]);
const DEEPEST = 3;

// The spans are bounded: a text full of unpaired marks must not take quadratic time.
const INLINE = new RegExp(
  [
    "`(?<code>[^`\\n]{1,1000})`",
    "\\*\\*(?=\\S)(?<bold>[^\\n]{1,1000}?)(?<=\\S)\\*\\*(?!\\*)",
    "(?<![\\p{L}\\p{N}*])\\*(?=[^\\s*])(?<star>[^*\\n]{1,1000}?)(?<=\\S)\\*(?![\\p{L}\\p{N}*])",
    "(?<![\\p{L}\\p{N}_])_(?=[^\\s_])(?<line>[^_\\n]{1,1000}?)(?<=\\S)_(?![\\p{L}\\p{N}_])",
    "\\[(?<label>[^\\[\\]\\n]{1,500})\\]\\((?<target>[^()\\s]{1,2000})\\)",
    "(?<url>https?:\\/\\/[^\\s<>\"]{1,2000})",
  ].join("|"),
  "gu",
);
const FENCE = /```[^\n`]*\n([\s\S]*?)```/g;
const AFTER_URL = /[.,;:!?'"\])»]+$/;

/** Convert a text to nodes. */
export function markdown(text) {
  const made = document.createDocumentFragment();
  let end = 0;
  for (const match of text.matchAll(FENCE)) {
    made.append(...inline(trimmed(text.slice(end, match.index)), 0));
    made.append(element("pre", { tabindex: "0" }, element("code", {}, match[1].replace(/\n$/, ""))));
    end = match.index + match[0].length;
  }
  const rest = text.slice(end);
  made.append(...inline(end ? rest.replace(/^\n/, "") : rest, 0));
  return made;
}

/** A link that is safe to follow, as normalized by the browser; null for any other. */
export function safeLink(address) {
  return safe(address, LINKS);
}

/** A safe URL of an image; this includes data: URLs of images, which run no code. */
export function safeImage(address) {
  if (/^data:image\/[a-z0-9.+-]+[;,]/i.test(address ?? "")) return address;
  return safe(address, IMAGES);
}

function safe(address, protocols) {
  if (typeof address !== "string" || !URL.canParse(address)) return null;
  const url = new URL(address);
  return protocols.has(url.protocol) ? url.href : null;
}

/** Without the line break before a code block, which has its own. */
function trimmed(text) {
  return text.replace(/\n$/, "");
}

function inline(text, depth) {
  if (depth > DEEPEST) return [text];
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    const made = span(match.groups, depth);
    if (!made) continue;
    nodes.push(text.slice(end, match.index), ...made);
    end = match.index + match[0].length;
  }
  return [...nodes, text.slice(end)].filter((node) => node !== "");
}

function span({ code, bold, star, line, label, target, url }, depth) {
  if (code) return [element("code", {}, code)];
  if (bold) return [element("strong", {}, ...inline(bold, depth + 1))];
  if (star || line) return [element("em", {}, ...inline(star || line, depth + 1))];
  if (url) return bareLink(url);
  const href = safeLink(target);
  return href ? [link(href, label)] : null;
}

function bareLink(url) {
  const after = url.includes("(") ? "" : (url.match(AFTER_URL)?.[0] ?? "");
  const address = url.slice(0, url.length - after.length);
  const href = safeLink(address);
  return href ? [link(href, address), after] : [url];
}
