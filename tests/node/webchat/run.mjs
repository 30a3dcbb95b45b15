// Runs one case of the chat page's tests in a Chromium of its own, and prints what the browser said.
// In: {case, chromium, pageUrl, otherUrl, aloneUrl, siteUrl, forgetUrl, folder}. Out: {errors, violations, inaccessible}.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";
import * as agreement from "./agreement.mjs";
import * as conversation from "./conversation.mjs";
import * as embedding from "./embedding.mjs";
import * as looks from "./looks.mjs";
import * as safety from "./safety.mjs";
import * as sending from "./sending.mjs";
import * as storage from "./storage.mjs";
import * as tabs from "./tabs.mjs";
import { Visit } from "./visit.mjs";

const cases = { ...agreement, ...conversation, ...embedding, ...looks, ...safety, ...sending, ...storage, ...tabs };
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const given = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium.launch({ executablePath: given.chromium, headless: true, args: FLAGS });
try {
  const visit = new Visit(browser, given);
  await cases[given.case](visit);
  console.log(JSON.stringify(visit.report));
} finally {
  await browser.close();
}
