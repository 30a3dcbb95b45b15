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
const SITE_GIVEN_UP_AFTER = 30_000; // milliseconds
const OTHERS_SEND_WITHIN = 3_000; // milliseconds; then this tab sends what another has left

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
let sendTimer = 0;

// until it is known which conversation is stored, nothing is sent in another
const isDecided = Promise.race([storage.loaded, new Promise((resolve) => window.setTimeout(resolve, SITE_GIVEN_UP_AFTER))]);

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
  openDecided(connection);
}

async function openDecided(made) {
  showState("connecting");
  await isDecided;
  if (made === connection) made.open();
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
  log.add(history.say(text, message), history.entries);
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
  log.add(entry, history.entries);
  frame.heard();
}

function confirmed(asked, session, offset) {
  if (!history.confirm(asked, session, offset)) return;
  if (session !== asked.session) log.show(history.entries);
  if (settings.greet) history.greet(settings.greet);
}

/** Show what another tab of the same conversation has sent and received. */
function takeOver(added) {
  const { entries } = history;
  for (const entry of added) {
    log.add(entry, entries);
    if (entry.from === "bot") frame.heard();
  }
  for (const entry of entries) if (entry.from === "user") log.mark(entry);
  sendTimer ||= window.setTimeout(sendLeft, OTHERS_SEND_WITHIN);
}

/** Send what another tab has left: it may be closed, or not connected. */
function sendLeft() {
  sendTimer = 0;
  outbox?.flush();
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
