// What is said and shown.
import assert from "node:assert/strict";
import { connected, eventually, hears, say, shown, stored } from "./visit.mjs";

export async function greets_and_is_clicked(visit) {
  const quiet = await visit.chat();
  await visit.inspect(quiet, "empty");
  assert.deepEqual(await shown(quiet), []); // it says nothing unasked
  const page = await visit.chat("?greet=/greet");
  await hears(page, "Hey! How are you?");
  assert.deepEqual(await shown(page), ["Hey! How are you?"]); // the greeting's own words are not shown
  await visit.inspect(page, "greeted");
  await page.getByRole("button", { name: "super sad" }).click();
  await hears(page, "Did that help you?");
  assert.deepEqual(await shown(page), [
    "Hey! How are you?",
    "> super sad",
    "Here is something to cheer you up:",
    "Did that help you?",
  ]);
  assert.equal(await page.getByRole("button", { name: "super sad" }).count(), 0);
  const image = page.getByRole("img", { name: "Image from the assistant" });
  await eventually(() => image.evaluate((each) => each.complete && each.naturalWidth > 0), "the image");
  await visit.inspect(page, "image");
  await page.getByRole("button", { name: "yes" }).click();
  await hears(page, "Great, carry on!");
}

export async function keeps_the_conversation_over_a_reload(visit) {
  const page = await visit.chat("?greet=/greet");
  await hears(page, "Hey! How are you?");
  await say(page, "one");
  await hears(page, "You said: one");
  await hears(page, "Say hi, or help to see what I can show.");
  await say(page, "hi");
  await eventually(async () => (await shown(page)).length === 6, "the second greeting");
  const before = { shown: await shown(page), session: (await stored(page)).session };
  assert.match(before.session, /^[0-9a-f-]{36}$/);
  for (const time of ["once", "again"]) {
    await page.reload();
    await connected(page);
    await visit.inspect(page, `reloaded ${time}`);
    assert.deepEqual({ shown: await shown(page), session: (await stored(page)).session }, before);
  }
  await page.getByRole("button", { name: "great" }).click(); // still open: nothing was said since
  await hears(page, "Great, carry on!");
}

export async function shows_every_kind_of_message(visit) {
  const page = await visit.chat();
  await say(page, "help");
  await page.getByRole("button", { name: "cards" }).click();
  const cards = page.getByRole("group", { name: "Cards", exact: true });
  await cards.waitFor();
  assert.deepEqual(await cards.getByRole("heading").allTextContents(), ["Card 1", "Card 2"]);
  assert.equal(await cards.getByRole("img", { name: "Card 1" }).count(), 1);
  await visit.inspect(page, "cards");
  await page.getByRole("button", { name: "Pick 2" }).click();
  await hears(page, "You said: /pick_2");
  assert.ok(await page.getByRole("button", { name: "Pick 1" }).isDisabled());
  await say(page, "attachment");
  const file = page.getByRole("link", { name: "Attachment: nGF1K8f.jpg" });
  await file.waitFor();
  assert.equal(await file.getAttribute("rel"), "noopener noreferrer");
  await say(page, "custom");
  await page.getByText("Data", { exact: true }).click();
  await page.getByText('"answer": 42').waitFor();
  await say(page, "long");
  await page.getByText(/^Paragraph 6 of six/).waitFor();
  assert.equal(await page.getByText(/^Paragraph \d of six/).count(), 6);
  await visit.inspect(page, "every kind");
}

export async function shows_an_answer_growing(visit) {
  const page = await visit.chat();
  await page.evaluate(() => {
    window.grown = [];
    window.announced = [];
    window.typed = 0;
    const text = (node) => node.textContent;
    const watch = (id, note) => new MutationObserver(note).observe(document.getElementById(id), { childList: true, subtree: true });
    watch("pending", () => window.grown.push(text(document.getElementById("pending"))));
    watch("typing", () => (window.typed += text(document.getElementById("typing")) ? 1 : 0));
    watch("messages", (changes) => changes.forEach((each) => window.announced.push(...[...each.addedNodes].map(text))));
  });
  await say(page, "stream");
  const whole = "A streamed answer comes word by word, and then once more as a whole.";
  await hears(page, whole);
  const { grown, announced, typed } = await page.evaluate(() => ({ ...window }));
  const lengths = grown.map((text) => text.length).filter(Boolean);
  assert.ok(lengths.length >= 3, `grew in steps: ${grown}`);
  assert.deepEqual(lengths, lengths.toSorted((one, other) => one - other));
  assert.ok(grown.every((text) => whole.startsWith(text.trim())));
  assert.equal(announced.filter((text) => text.includes("streamed answer")).length, 1);
  assert.equal(typed, 1);
  assert.equal(await page.locator("#pending > *").count(), 0);
  assert.deepEqual(await shown(page), ["> stream", whole]);
  await visit.inspect(page, "streamed");
}

export async function begins_a_new_conversation(visit) {
  const page = await visit.chat();
  await say(page, "one");
  await hears(page, "You said: one");
  const { session } = await stored(page);
  const restart = page.getByRole("banner").getByRole("button", { name: "New conversation" });
  await restart.click();
  await visit.inspect(page, "question");
  await page.keyboard.press("Escape");
  assert.ok((await shown(page)).length > 0);
  await restart.click();
  await page.getByRole("dialog").getByRole("button", { name: "New conversation" }).click();
  await eventually(async () => (await shown(page)).length === 0, "an empty page");
  const after = await stored(page);
  assert.notEqual(after.session, session);
  assert.deepEqual(after.entries, []);
  await say(page, "two");
  await hears(page, "You said: two");
  assert.ok(!(await shown(page)).some((text) => text.includes("one")));
}

export async function is_one_conversation_in_two_tabs(visit) {
  const page = await visit.chat();
  const other = await visit.open(page.context());
  await connected(other);
  await say(page, "one");
  await hears(page, "You said: one");
  await hears(other, "You said: one");
  await say(other, "two");
  await hears(page, "You said: two");
  await eventually(async () => (await shown(page)).length === 6, "both messages");
  await eventually(async () => (await shown(other)).length === 6, "both messages in the other tab");
  await other.reload();
  await connected(other);
  const texts = await shown(other);
  assert.deepEqual(texts.filter((text) => /one|two/.test(text)).toSorted(), [
    "> one",
    "> two",
    "You said: one",
    "You said: two",
  ]);
  assert.equal(texts.length, 6);
}

export async function works_by_keyboard(visit) {
  const page = await visit.chat();
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.textContent);
  assert.equal(await focused(), "input");
  await page.keyboard.type("first line");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("second line");
  await page.keyboard.press("Enter");
  await hears(page, "You said: first line\nsecond line");
  await page.keyboard.type("hi");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "super sad" }).waitFor();
  for (const expected of ["super sad", "great", "scroll", "restart"]) {
    await page.keyboard.press("Shift+Tab");
    assert.equal(await focused(), expected);
  }
  for (const expected of ["scroll", "great"]) {
    await page.keyboard.press("Tab");
    assert.equal(await focused(), expected);
  }
  await page.keyboard.press("Space");
  await hears(page, "Great, carry on!");
  assert.equal(await focused(), "input");
  await page.setViewportSize({ width: 340, height: 600 });
  await page.keyboard.type("cards");
  await page.keyboard.press("Enter");
  const rail = page.locator(".rail");
  await rail.waitFor();
  await rail.focus();
  await page.keyboard.press("ArrowRight");
  await eventually(() => rail.evaluate((each) => each.scrollLeft > 0), "the next card");
  await page.locator("#restart").focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.equal(await focused(), "restart-confirm");
  await page.keyboard.press("Enter");
  await eventually(async () => (await shown(page)).length === 0, "an empty page");
  assert.equal(await focused(), "input");
}
