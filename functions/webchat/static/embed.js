/**
 * The chat on your own site:
 *
 *     <script src="https://<this stack>/webchat/embed.js" async></script>
 *
 * A button in the corner opens the chat page in a frame, so neither side's styles and scripts affect
 * the other. The site's content security policy needs only `script-src` and `frame-src` with this
 * address. The frame is loaded when it is first opened. If the browser blocks storage for embedded
 * pages, the site's storage keeps the conversation.
 *
 * Attributes, all optional: data-title, data-greet, data-lang, data-color (#rrggbb), data-side
 * (left, right), data-label (the button's name), data-open (opens at once), data-token (a JWT).
 */
(() => {
  const script = document.currentScript;
  if (!script || document.querySelector("[data-webchat]")) return;

  const KEPT = "webchat ";
  const LABELS = {
    en: ["Open chat", "Close chat", "New message"],
    de: ["Chat öffnen", "Chat schließen", "Neue Nachricht"],
    es: ["Abrir el chat", "Cerrar el chat", "Mensaje nuevo"],
    fr: ["Ouvrir le chat", "Fermer le chat", "Nouveau message"],
  };
  const STYLE = `
    :host { all: initial; }
    .launcher, .panel { position: fixed; z-index: 2147483000; inset-block-end: calc(20px + env(safe-area-inset-bottom)); inset-inline: auto 20px; }
    .left .launcher, .left .panel { inset-inline: 20px auto; }
    .launcher { box-sizing: border-box; display: grid; place-items: center; width: 60px; height: 60px; padding: 0; border: 0;
      border-radius: 50%; background: var(--color); color: var(--on-color); cursor: pointer; box-shadow: 0 4px 18px rgb(0 0 0 / 30%); }
    .launcher:focus-visible { outline: 3px solid Highlight; outline-offset: 3px; }
    .launcher svg { width: 30px; height: 30px; fill: currentColor; }
    .launcher.unread::after { content: ""; position: absolute; top: 2px; right: 2px; width: 14px; height: 14px; border-radius: 50%;
      background: #d92f2f; border: 2px solid #fff; }
    .panel { inset-block-end: calc(92px + env(safe-area-inset-bottom)); width: 400px; max-width: calc(100vw - 40px);
      height: min(640px, calc(100dvh - 112px)); border-radius: 16px; overflow: hidden; background: Canvas; color-scheme: light dark;
      box-shadow: 0 8px 40px rgb(0 0 0 / 30%); }
    .panel[hidden] { display: none; }
    iframe { display: block; width: 100%; height: 100%; border: 0; }
    @media (max-width: 480px) {
      .panel, .left .panel { inset: 0; width: auto; max-width: none; height: 100dvh; border-radius: 0; }
      .open .launcher { display: none; }
    }`;
  const OPEN_ICON = "M12 3c5 0 9 3.4 9 7.7s-4 7.7-9 7.7c-.9 0-1.8-.1-2.6-.3L5 21v-4.3c-1.3-1.4-2-3.6-2-6C3 6.4 7 3 12 3z";
  const CLOSE_ICON = "M6.7 5.3 12 10.6l5.3-5.3 1.4 1.4L13.4 12l5.3 5.3-1.4 1.4L12 13.4l-5.3 5.3-1.4-1.4L10.6 12 5.3 6.7z";

  const { origin } = new URL(script.src);
  const { title, greet, color, side, label, open, token } = script.dataset;
  const lang = script.dataset.lang || document.documentElement.lang;
  const [openLabel, closeLabel, unreadLabel] = LABELS[lang.toLowerCase().split("-")[0]] ?? LABELS.en;
  const accent = /^#[0-9a-f]{6}$/i.test(color ?? "") ? color : "#2f57d9";

  const host = document.createElement("div");
  host.dataset.webchat = "";
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet(); // unlike a <style>, allowed by every content security policy
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];

  const box = document.createElement("div");
  const launcher = document.createElement("button");
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
  const panel = document.createElement("div");
  let frame = null;
  let isReady = false;
  let isWanted = false; // opened by the user, who then wants to type
  let isKeeper = false; // the site's storage keeps the page's values

  box.className = side === "left" ? "left" : "right";
  box.style.setProperty("--color", accent);
  box.style.setProperty("--on-color", isLight(accent) ? "#000000" : "#ffffff");
  launcher.type = "button";
  launcher.className = "launcher";
  launcher.setAttribute("aria-controls", "panel");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  panel.id = "panel";
  panel.className = "panel";
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-label", title || "Chat");
  icon.append(shape);
  launcher.append(icon);
  box.append(panel, launcher);
  root.append(box);
  show(false);

  launcher.addEventListener("click", () => toggle(panel.hidden));
  panel.addEventListener("keydown", (event) => event.key === "Escape" && toggle(false));
  window.addEventListener("message", ({ source, origin: sender, data }) => {
    if (!frame || source !== frame.contentWindow || sender !== origin) return;
    if (data?.webchat === "close") toggle(false);
    if (data?.webchat === "ready") greeted();
    if (data?.webchat === "unread") unread(panel.hidden);
    if (data?.webchat === "recall") recall();
    if (data?.webchat === "keep") keep(data.key, data.value);
  });
  window.addEventListener("storage", ({ key, newValue }) => {
    if (isKeeper && key?.startsWith(KEPT) && newValue !== null) post({ webchat: "kept", key, value: newValue });
  });

  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start);

  function start() {
    document.body.append(host);
    if (open === undefined || open === "false") return;
    show(true);
    load(); // without moving the focus
  }

  function toggle(isOpen) {
    isWanted = isOpen;
    show(isOpen);
    if (isOpen) {
      if (!frame) load();
      unread(false);
      frame.focus();
    } else {
      launcher.focus();
    }
    tell(isOpen ? "opened" : "closed");
  }

  function show(isOpen) {
    panel.hidden = !isOpen;
    box.classList.toggle("open", isOpen);
    launcher.setAttribute("aria-expanded", String(isOpen));
    launcher.setAttribute("aria-label", isOpen ? closeLabel : label || openLabel);
    shape.setAttribute("d", isOpen ? CLOSE_ICON : OPEN_ICON);
  }

  function unread(isUnread) {
    launcher.classList.toggle("unread", isUnread);
    if (isUnread) launcher.setAttribute("aria-label", `${label || openLabel}: ${unreadLabel}`);
  }

  function load() {
    const url = new URL("chat", script.src);
    const settings = { title, greet, lang, color };
    for (const [key, value] of Object.entries(settings)) if (value) url.searchParams.set(key, value);
    // the fragment stays in the browser, so no server or log sees the token
    url.hash = new URLSearchParams({ parent: window.location.origin, ...(token && { token }) });
    frame = document.createElement("iframe");
    frame.title = title || "Chat";
    frame.src = url.href;
    frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-forms allow-downloads allow-popups allow-popups-to-escape-sandbox");
    panel.append(frame);
  }

  function greeted() {
    isReady = true;
    if (panel.hidden) tell("closed");
    else if (isWanted) tell("opened");
  }

  function tell(word) {
    if (isReady) post({ webchat: word });
  }

  function post(message) {
    frame.contentWindow.postMessage(message, origin);
  }

  function recall() {
    isKeeper = true;
    post({ webchat: "recalled", values: kept() });
  }

  function kept() {
    try {
      return Object.fromEntries(Object.entries(localStorage).filter(([key]) => key.startsWith(KEPT)));
    } catch {
      return {}; // storage is blocked here too
    }
  }

  function keep(key, value) {
    if (typeof key !== "string" || !key.startsWith(KEPT)) return;
    try {
      if (value === null) localStorage.removeItem(key);
      else if (typeof value === "string") localStorage.setItem(key, value);
    } catch {
      // storage is blocked or full: the conversation lasts until the site's page is closed
    }
  }

  function isLight(hex) {
    const [red, green, blue] = [1, 3, 5].map((at) => (parseInt(hex.slice(at, at + 2), 16) / 255) ** 2.2);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179;
  }
})();
