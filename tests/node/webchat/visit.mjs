// A visit to the chat page: opens it, speaks as a user does, and notes what the browser says.
import assert from "node:assert/strict";
import { createRequire } from "node:module";

const WINDOW = { viewport: { width: 900, height: 720 }, locale: "en-GB", reducedMotion: "reduce" };
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const PATIENCE = 20_000; // milliseconds until a step has failed; a busy machine is slow
const LOADED_WITHIN = 60_000; // each file of the page may start a function of its own
export const HINT = "Say hi, or help to see what I can show."; // the demo agent's last line
const OFFLINE = /ERR_INTERNET_DISCONNECTED|ERR_CONNECTION|WebSocket is closed before/;

// what the demo agent's image address leads to: a picture of two colors
const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="200"><rect width="320" height="200" fill="#cfe3f5"/>
<circle cx="160" cy="100" r="60" fill="#e89a4c"/><circle cx="140" cy="88" r="6"/><circle cx="180" cy="88" r="6"/>
<path d="M135 118q25 22 50 0" fill="none" stroke="#000" stroke-width="5"/></svg>`;

export class Visit {
  report = { errors: [], violations: [], inaccessible: [] };

  constructor(browser, given) {
    Object.assign(this, given, { browser });
  }

  /** A browser's window of its own, with its own storage; `options` are Playwright's. */
  async context(options = {}) {
    const context = await this.browser.newContext({ ...WINDOW, ...options });
    context.setDefaultTimeout(PATIENCE);
    context.setDefaultNavigationTimeout(LOADED_WITHIN);
    await context.addInitScript({ path: AXE });
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(`violation: ${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    await context.route("https://i.imgur.com/**", (route) =>
      route.fulfill({ contentType: "image/svg+xml", body: PICTURE }),
    );
    return context;
  }

  /** A page with its errors noted; `url` is that of the chat unless given. */
  async open(context, url = this.pageUrl) {
    const page = await context.newPage();
    page.on("pageerror", (error) => this.report.errors.push(String(error)));
    page.on("console", (message) => this.#note(message));
    await page.goto(url);
    return page;
  }

  /** The chat page, connected; `query` as in "?greet=/greet". */
  async chat(query = "", options = {}) {
    const page = await this.open(await this.context(options), this.pageUrl + query);
    await connected(page);
    return page;
  }

  /** Note what axe-core finds on the page and in its frames. */
  async inspect(page, state) {
    for (const frame of page.frames()) {
      const { violations } = await frame.evaluate(() => window.axe.run());
      for (const { id, nodes } of violations) {
        this.report.inaccessible.push(`${state}: ${id}: ${nodes.map((node) => node.html).join(" ")}`);
      }
    }
  }

  #note(message) {
    const text = message.text();
    if (text.startsWith("violation:") || text.includes("Content Security Policy")) {
      this.report.violations.push(text);
    } else if (["error", "warning"].includes(message.type()) && !OFFLINE.test(text)) {
      this.report.errors.push(text);
    }
  }
}

/** A number of tabs with the chat page, connected. */
export async function tabsOf(visit, number, query = "") {
  const first = await visit.chat(query);
  const tabs = [first];
  while (tabs.length < number) tabs.push(await visit.open(first.context(), visit.pageUrl + query));
  for (const tab of tabs) await connected(tab);
  return tabs;
}

/** Wait until the page has its session. */
export function connected(page) {
  return page.locator("body[data-state=ready]").waitFor({ timeout: PATIENCE });
}

/** Write a message and send it. */
export async function say(page, text) {
  await page.getByRole("textbox").fill(text);
  await page.keyboard.press("Enter");
}

/** Wait for a bubble of the bot's with exactly this text. */
export async function hears(page, text) {
  await page.locator("li.bot .bubble").filter({ hasText: exactly(text) }).last().waitFor({ timeout: PATIENCE });
}

/** Begin a new conversation by the button, and wait until nothing of the one before is shown. */
export async function restart(page) {
  await page.locator("#messages li").evaluateAll((items) => items.forEach((item) => item.setAttribute("data-before", "")));
  await page.getByRole("banner").getByRole("button", { name: "New conversation" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "New conversation" }).click();
  await eventually(async () => (await page.locator("li[data-before]").count()) === 0, "the new conversation");
}

/** Wait until something is so; `what` may be a function that says it at the end. */
export async function eventually(check, what) {
  const end = Date.now() + PATIENCE;
  while (!(await check())) {
    assert.ok(Date.now() < end, `never came: ${typeof what === "function" ? what() : what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The bubbles shown, in order, "> " before the user's. */
export function shown(page) {
  return page.locator("#messages .bubble").evaluateAll((bubbles) =>
    bubbles.map((bubble) => (bubble.closest("li").className.includes("user") ? "> " : "") + bubble.textContent),
  );
}

/** Wait until these are the bubbles of a page. */
export async function shows(page, ...texts) {
  let last = [];
  const isSo = async () => String((last = await shown(page))) === String(texts);
  await eventually(isSo, () => `${JSON.stringify(texts)}; shown: ${JSON.stringify(last)}`);
}

/** What the page keeps: its conversation. */
export function stored(page) {
  return page.evaluate(() => {
    const kept = Object.entries(localStorage).map(([key, value]) => [key.split(" ").pop(), JSON.parse(value)]);
    const { conversation, ...old } = Object.fromEntries(kept);
    return conversation ?? old;
  });
}

/** A module of the page, as the page itself has loaded it. */
export function module(page, name) {
  return page.locator('script[src$="/chat.js"]').evaluate((script, file) => new URL(file, script.src).href, name);
}

export function exactly(text) {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
}
