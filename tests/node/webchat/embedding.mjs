// The chat on somebody's site.
import assert from "node:assert/strict";
import { devices } from "playwright-core";
import { connected, eventually, hears, restart, say, shown } from "./visit.mjs";

const launcher = (page) => page.locator("[data-webchat] .launcher");

async function chatOf(page) {
  await page.locator("[data-webchat] iframe").waitFor();
  await eventually(() => page.frames().length === 2, "the frame");
  const frame = page.frames()[1];
  await connected(frame);
  return frame;
}

async function write(page, frame, text) {
  await frame.getByRole("textbox").fill(text);
  await page.keyboard.press("Enter");
}

export async function is_embedded_by_one_line(visit) {
  const page = await visit.open(await visit.context(), visit.siteUrl);
  await launcher(page).waitFor();
  assert.equal(page.frames().length, 1); // nothing is loaded for those who do not chat
  await visit.inspect(page, "site");
  await page.screenshot({ path: `${visit.folder}/site-closed.png` });
  await page.getByRole("button", { name: "Open chat" }).focus();
  await page.keyboard.press("Enter");
  const frame = await chatOf(page);
  assert.notEqual(new URL(frame.url()).origin, new URL(page.url()).origin);
  await hears(frame, "Hey! How are you?"); // data-greet
  await frame.getByRole("heading", { name: "Help" }).waitFor(); // data-title
  await eventually(() => frame.evaluate(() => document.activeElement.id === "input"), "the focus");
  await visit.inspect(page, "site with chat");
  await frame.getByRole("button", { name: "super sad" }).click();
  await hears(frame, "Did that help you?");
  await page.screenshot({ path: `${visit.folder}/site-open.png` });
  await frame.getByRole("textbox").focus();
  await page.keyboard.press("Escape");
  assert.ok(await page.locator("[data-webchat] .panel").isHidden());
  assert.equal(await launcher(page).evaluate((each) => each.getRootNode().activeElement === each), true);
  assert.equal(await launcher(page).getAttribute("aria-expanded"), "false");
  await page.keyboard.press("Enter");
  await hears(frame, "Did that help you?"); // as it was
  await frame.getByRole("button", { name: "Close chat" }).click();
  assert.ok(await page.locator("[data-webchat] .panel").isHidden());
  await page.reload();
  await launcher(page).click();
  await hears(await chatOf(page), "Did that help you?"); // kept over a reload of the site
  // this browser lends embedded pages no storage: the site's has it, and nothing else of ours
  const keys = await page.evaluate(() => Object.keys(localStorage).map((key) => key.split(" ")[0]));
  assert.deepEqual([...new Set(keys)], ["webchat"]);

  const phone = await visit.open(await visit.context({ ...devices["iPhone 13"], colorScheme: "dark" }), visit.siteUrl);
  await launcher(phone).click();
  await hears(await chatOf(phone), "Hey! How are you?");
  const box = await phone.locator("[data-webchat] .panel").boundingBox();
  assert.deepEqual([box.x, box.y, box.width], [0, 0, 390]);
  await phone.screenshot({ path: `${visit.folder}/site-phone.png` });
}

export async function is_one_conversation_in_the_tabs_of_a_site(visit) {
  const context = await visit.context();
  const pages = [await visit.open(context, visit.siteUrl), await visit.open(context, visit.siteUrl)];
  const frames = [];
  for (const page of pages) {
    await launcher(page).click();
    frames.push(await chatOf(page));
    await hears(frames.at(-1), "Hey! How are you?");
  }
  const [page, other] = pages;
  await write(page, frames[0], "one");
  for (const frame of frames) await hears(frame, "You said: one");
  await restart(frames[0]);
  const begun = (frame) => async () => String(await shown(frame)) === "Hey! How are you?";
  for (const frame of frames) await eventually(begun(frame), "the new conversation, greeted once");
  await write(other, frames[1], "two");
  for (const frame of frames) await hears(frame, "You said: two");
  for (const [number, each] of pages.entries()) {
    await each.reload();
    await launcher(each).click();
    frames[number] = await chatOf(each);
    await hears(frames[number], "You said: two");
    assert.equal((await shown(frames[number])).length, 4);
  }
  // another site, where the same chat has another conversation
  const elsewhere = await visit.open(context, visit.siteUrl.replace("localhost", "127.0.0.1"));
  await launcher(elsewhere).click();
  const apart = await chatOf(elsewhere);
  await hears(apart, "Hey! How are you?");
  await restart(apart);
  await eventually(begun(apart), "a new conversation there");
  assert.equal((await shown(frames[0])).length, 4);
}

export async function waits_for_a_busy_site(visit) {
  const context = await visit.context();
  const first = await visit.open(context, visit.siteUrl);
  await launcher(first).click();
  const frame = await chatOf(first);
  await hears(frame, "Hey! How are you?");
  await write(first, frame, "one");
  await hears(frame, "You said: one");
  const texts = await shown(frame);
  await context.addInitScript(() => {
    if (window.parent !== window) return;
    // the frame's question waits, as if the site were busy
    const held = [];
    const hold = (event) => {
      if (event.data?.webchat !== "recall") return;
      event.stopImmediatePropagation();
      held.push(event);
    };
    window.addEventListener("message", hold, true);
    window.release = () => {
      window.removeEventListener("message", hold, true);
      for (const { data, origin, source } of held) window.dispatchEvent(new MessageEvent("message", { data, origin, source }));
    };
  });
  const busy = await visit.open(context, visit.siteUrl);
  await launcher(busy).click();
  await busy.locator("[data-webchat] iframe").waitFor();
  await eventually(() => busy.frames().length === 2, "the frame");
  const late = busy.frames()[1];
  await late.getByRole("heading", { name: "Help" }).waitFor(); // it does not wait with showing itself
  await write(busy, late, "two");
  await late.getByText("Waiting to be sent").waitFor();
  assert.deepEqual(await shown(frame), texts);
  await busy.evaluate(() => window.release());
  for (const each of [late, frame]) await hears(each, "You said: two");
  assert.deepEqual((await shown(frame)).slice(0, texts.length), texts);
  assert.equal((await shown(late)).filter((text) => text === "> two").length, 1);
}

export async function keeps_to_its_own_storage_where_it_has_some(visit) {
  // another origin of the same site (the ports differ): browsers lend it storage
  const page = await visit.open(await visit.context(), visit.siteUrl.replace("localhost", "127.0.0.1"));
  await launcher(page).click();
  await hears(await chatOf(page), "Hey! How are you?");
  await page.reload();
  await launcher(page).click();
  await hears(await chatOf(page), "Hey! How are you?");
  assert.equal(await page.evaluate(() => localStorage.length), 0);
  assert.ok((await page.frames()[1].evaluate(() => localStorage.length)) > 0);
}

export async function hides_and_tells_of_messages(visit) {
  const page = await visit.open(await visit.context(), visit.siteUrl);
  await launcher(page).click();
  const frame = await chatOf(page);
  await hears(frame, "Hey! How are you?");
  await write(page, frame, "stream"); // takes a while
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Open chat: New message" }).waitFor();
  await visit.inspect(page, "unread");
  await launcher(page).click();
  assert.equal(await launcher(page).getAttribute("aria-label"), "Close chat");
  assert.equal(await page.locator(".launcher.unread").count(), 0);
}

export async function opens_by_itself_without_taking_the_focus(visit) {
  const page = await visit.open(await visit.context(), `${visit.siteUrl}/open`);
  await hears(await chatOf(page), "Hey! How are you?");
  assert.ok(await page.evaluate(() => document.activeElement === document.body));
  const box = await page.locator("[data-webchat] .panel").boundingBox();
  assert.equal(box.x, 20);
  await page.getByRole("button", { name: "Close chat" }).first().click();
  assert.ok(await page.locator("[data-webchat] .panel").isHidden());
}

export async function hears_only_its_site(visit) {
  const page = await visit.open(await visit.context(), visit.siteUrl);
  await launcher(page).click();
  const frame = await chatOf(page);
  await hears(frame, "Hey! How are you?");
  // from the site itself, not from the frame
  await page.evaluate(() => window.postMessage({ webchat: "close" }, "*"));
  // to the frame, from itself: not from the site
  await page.evaluate(() => {
    window.told = [];
    window.addEventListener("message", ({ data }) => window.told.push(data.webchat));
  });
  await frame.evaluate(() => window.postMessage({ webchat: "closed" }, "*"));
  await write(page, frame, "one");
  await hears(frame, "You said: one");
  assert.ok(!(await page.evaluate(() => window.told)).includes("unread"), "the frame takes itself for open");
  assert.ok(await page.locator("[data-webchat] .panel").isVisible());
  assert.equal(await page.locator(".launcher.unread").count(), 0);

  // a page that was told of another parent than it has keeps to itself
  const other = await visit.chat("#parent=https://other.example");
  assert.ok(await other.getByRole("button", { name: "Close chat" }).isHidden());
  await say(other, "two");
  await hears(other, "You said: two");
}
