// Runs cases of the chat page's tests in the Chromium that the command line names, and prints what it said.
// Lines in: {case, pageUrl, otherUrl, aloneUrl, siteUrl, forgetUrl, folder}.
// Lines out: {errors, violations, inaccessible}, or {failure}.
import { createInterface } from "node:readline";
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

const browser = await chromium.launch({ executablePath: process.argv[2], headless: true, args: FLAGS });
try {
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await report(JSON.parse(line))));
  }
} finally {
  await browser.close();
}

async function report(given) {
  const visit = new Visit(browser, given);
  try {
    await cases[given.case](visit);
    return visit.report;
  } catch (error) {
    return { failure: String(error.stack) };
  } finally {
    for (const context of browser.contexts()) await context.close();
  }
}
