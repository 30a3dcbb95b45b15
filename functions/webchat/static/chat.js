/** The chat page: assembles its parts. */
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

const BANNER_AFTER = 1_500; // milliseconds; a short interruption needs no banner

const settings = readSettings(window.location, document.documentElement, navigator.language);
const { texts } = settings;
const page = Object.fromEntries([...document.querySelectorAll("[id]")].map((each) => [each.id, each]));

const frame = new Frame(settings.parent);

// One browser may hold conversations of several users and with several servers.
const storage = new Storage(await bestItems(frame), `webchat ${settings.websocketUrl} ${subjectOf(settings.token)} `);
const history = new History(storage);
const bubbles = new Bubbles(texts, choose, (entry) => outbox?.retry(entry));
const log = new Log(page, bubbles, texts);
const composer = new Composer(page, texts, (text) => say(text, text));
let connection = null;
let outbox = null;
let bannerTimer = 0;

dress();
offerRestart(page, texts, restart);
history.follow({ replaced: begin, changed: takeOver });
frame.start(page.close, () => composer.focus());
page.retry.addEventListener("click", () => connection.open());
// a page in the background has missed what other tabs sent it
for (const name of ["pageshow", "focus"]) window.addEventListener(name, () => history.refresh());
begin();
if (!connection) banner(texts.missing, false);
if (window.parent === window) composer.focus();

/** Show the current conversation, and connect its session. */
function begin() {
  log.show(history.entries);
  connection?.close();
  if (settings.websocketUrl) connect();
}

function connect() {
  connection = new Connection(settings.websocketUrl, settings.token, history.session, () => history.received, {
    state: showState,
    session: confirmed,
    message: heard,
    stream: (piece) => log.stream(piece),
    typing: () => log.typing(),
  });
  outbox = new Outbox(connection, history, (entry) => log.mark(entry));
  connection.open();
}

/** Apply texts and colors. */
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
  // The pressed button is gone. A touch keyboard would cover the reply.
  if (window.matchMedia("(pointer: coarse)").matches) page.scroll.focus();
  else composer.focus();
}

function heard(payload, offset) {
  const entry = history.hear(connection.session, payload, offset);
  if (!entry) return;
  log.add(entry);
  frame.heard();
}

function confirmed(asked, session, offset) {
  if (!history.confirm(asked, session, offset)) return;
  if (session !== asked.session) log.show(history.entries);
  if (settings.greet) history.greet(settings.greet);
}

/** Show what another tab of the same conversation has sent and received. */
function takeOver(added) {
  for (const entry of added) {
    log.add(entry);
    if (entry.from === "bot") frame.heard();
  }
  for (const entry of history.entries) if (entry.from === "user") log.mark(entry);
}

function restart() {
  history.restart();
  begin();
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
