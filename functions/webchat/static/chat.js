/** The chat page: puts its parts together. */
import { Bubbles } from "./bubbles.js";
import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { Frame } from "./frame.js";
import { History } from "./history.js";
import { Log } from "./log.js";
import { Outbox } from "./outbox.js";
import { offerRestart } from "./restart.js";
import { readableOn, readSettings, subjectOf } from "./settings.js";
import { Storage, bestItems } from "./storage.js";

const BANNER_AFTER = 1_500; // milliseconds; a short interruption is not worth a word

const settings = readSettings(window.location, document.documentElement, navigator.language);
const { texts } = settings;
const page = Object.fromEntries([...document.querySelectorAll("[id]")].map((each) => [each.id, each]));

const frame = new Frame(settings.parent);

// One browser may hold conversations of several people and with several servers.
const storage = new Storage(await bestItems(frame), `webchat ${settings.websocketUrl} ${subjectOf(settings.token)} `);
const history = new History(storage);
const bubbles = new Bubbles(texts, choose, (entry) => outbox?.retry(entry));
const log = new Log(page, bubbles, texts);
const composer = new Composer(page, texts, (text) => say(text, text));
const connection = settings.websocketUrl ? connect() : null;
const outbox = connection && new Outbox(connection, history, (entry) => log.mark(entry));
let bannerTimer = 0;

dress();
offerRestart(page, texts, restart);
page.welcome.hidden = history.entries.some((entry) => !entry.silent);
log.fill(history.entries);
storage.watch(takeOver);
frame.start(page.close, () => composer.focus());
page.retry.addEventListener("click", () => connection.open());
if (connection) connection.open();
else banner(texts.missing, false);
if (window.parent === window) composer.focus();

function connect() {
  return new Connection(settings.websocketUrl, settings.token, () => history.session, {
    state: showState,
    session: confirmed,
    message: heard,
    stream: (piece) => log.stream(piece),
    typing: () => log.typing(),
  });
}

/** Texts and colors. */
function dress() {
  document.documentElement.lang = texts.lang;
  document.documentElement.dir = settings.direction;
  document.title = texts.title;
  page.title.textContent = texts.title;
  page.welcome.textContent = texts.welcome;
  page.newer.textContent = texts.newer;
  page.retry.textContent = texts.retry;
  page.scroll.setAttribute("aria-label", texts.messages);
  page.log.setAttribute("aria-label", texts.messages);
  page.close.setAttribute("aria-label", texts.close);
  page.close.title = texts.close;
  if (!settings.color) return;
  const { style } = document.documentElement;
  style.setProperty("--accent", settings.color);
  style.setProperty("--on-accent", readableOn(settings.color));
  style.setProperty("--choice", "var(--ink)");
}

function say(text, message) {
  log.add(history.say(text, message));
  outbox?.flush();
}

function choose(title, payload) {
  say(title, payload);
  // The button is gone. A touch keyboard would cover what comes next.
  if (window.matchMedia("(pointer: coarse)").matches) page.scroll.focus();
  else composer.focus();
}

function heard(payload, offset) {
  const entry = history.hear(payload, offset);
  if (!entry) return;
  log.add(entry);
  frame.heard();
}

function confirmed(session) {
  history.confirm(session);
  if (!settings.greet || !history.isEmpty) return;
  history.say("", settings.greet, true);
  outbox.flush();
}

/** What another tab of the same conversation has said and heard. */
function takeOver() {
  const { isOther, added } = history.refresh();
  if (isOther) {
    log.clear();
    connection?.requestSession();
  }
  for (const entry of added) log.add(entry);
  for (const entry of history.entries) if (entry.from === "user") log.mark(entry);
}

function restart() {
  history.restart();
  log.clear();
  connection?.requestSession();
  composer.focus();
}

function showState(state) {
  window.clearTimeout(bannerTimer);
  page.presence.textContent = state === "ready" ? texts.online : state === "connecting" ? texts.connecting : "";
  document.body.dataset.state = state;
  if (state === "ready") outbox.flush();
  if (state === "offline") log.stopWaiting();
  if (state === "refused") banner(texts.refused, true);
  else if (state === "offline") bannerTimer = window.setTimeout(() => banner(texts.offline, false), BANNER_AFTER);
  else page.banner.hidden = true;
}

function banner(text, canRetry) {
  page["banner-text"].textContent = text;
  page.retry.hidden = !canRetry;
  page.banner.hidden = false;
}
