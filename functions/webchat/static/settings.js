/**
 * The page's settings. Query: `lang`, `title`, `greet`, `color`. Fragment, which no server sees:
 * `token` (a JWT), `parent` (origin of the site that the page is embedded in).
 */
import { isRightToLeft, textsOf } from "./texts.js";

const COLOR = /^#[0-9a-f]{6}$/i;

export function readSettings(location, root, language) {
  const query = new URLSearchParams(location.search);
  const fragment = new URLSearchParams(location.hash.slice(1));
  const lang = query.get("lang") || language || "en";
  const texts = textsOf(lang);
  const color = query.get("color") ?? "";
  return {
    websocketUrl: root.dataset.websocketUrl,
    token: fragment.get("token") ?? "",
    parent: originOf(fragment.get("parent") ?? ""),
    greet: query.get("greet") ?? "",
    color: COLOR.test(color) ? color : "",
    texts: { ...texts, title: query.get("title") || texts.title },
    // the assistant may use a language that the page has no texts for
    direction: isRightToLeft(lang) ? "rtl" : "ltr",
  };
}

/** Black or white, whichever is easier to read on a color "#rrggbb" (WCAG's relative luminance). */
export function readableOn(color) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return luminance > 0.179 ? "#000000" : "#ffffff";
}

/** The unverified `sub` of a JWT, which tells whose conversation to show; "" without one. */
export function subjectOf(token) {
  try {
    const payload = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    return String(JSON.parse(new TextDecoder().decode(bytes)).sub ?? "");
  } catch {
    return "";
  }
}

function originOf(text) {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) ? new URL(text).origin : "";
}
