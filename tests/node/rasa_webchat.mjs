// The chat widget rasa-webchat in a Chromium of its own: says something, reloads, says more.
// In: {chromium, pageUrl}. Out: {before, after, sessions, transports, errors}.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const PATIENCE = 60_000; // milliseconds; the first answer may wait for a cold start
const given = JSON.parse(readFileSync(0, "utf8"));
const report = { sessions: [], transports: [], errors: [] };

const browser = await chromium.launch({
  executablePath: given.chromium,
  headless: true,
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"],
});

async function say(page, text, answer) {
  await page.locator(".rw-new-message").fill(text);
  await page.keyboard.press("Enter");
  await hears(page, answer);
}

function hears(page, answer) {
  return page.locator(".rw-response", { hasText: answer }).first().waitFor();
}

async function shown(page) {
  const texts = await page.locator(".rw-client, .rw-response").allInnerTexts();
  return texts.filter((text) => text !== ""); // the dots of an answer on its way
}

async function remember(page) {
  const stored = await page.evaluate(() => JSON.parse(localStorage.getItem("chat_session")));
  report.sessions.push(stored.session_id);
}

function seen(address) {
  const url = new URL(address);
  const transport = url.searchParams.get("transport");
  if (transport && !report.transports.includes(transport)) report.transports.push(transport);
}

try {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.on("pageerror", (error) => report.errors.push(String(error)));
  page.on("request", (request) => seen(request.url()));
  page.on("websocket", (socket) => seen(socket.url()));
  await page.route(/^https?:(?!\/\/(127\.0\.0\.1|localhost)[:/])/, (route) => route.abort());
  await page.goto(given.pageUrl);
  await page.locator(".rw-launcher").click();
  await hears(page, "Hey! How are you?");
  await say(page, "bye", "Bye");
  await remember(page);
  report.before = await shown(page);
  await page.reload();
  await page.locator(".rw-new-message").waitFor();
  await say(page, "again", "You said: again");
  await remember(page);
  report.after = await shown(page);
  console.log(JSON.stringify(report));
} finally {
  await browser.close();
}
