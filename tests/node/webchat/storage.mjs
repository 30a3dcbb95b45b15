// What is stored: in the room there is, of versions before, apart from that of others.
import assert from "node:assert/strict";
import { HINT, connected, eventually, restart, say, shown, shows, stored, tabsOf } from "./visit.mjs";

const [STORED, TAKEN] = ["conversation", "taken"]; // what the page calls its values

export async function keeps_what_fits_when_storage_is_full(visit) {
  const tabs = await tabsOf(visit, 2);
  const [page, other] = tabs;
  await say(page, "one");
  for (const tab of tabs) await shows(tab, "> one", "You said: one", HINT);
  await page.evaluate(() => {
    for (let size = 5_000_000; size >= 1; size = Math.floor(size / 2)) {
      for (let number = 0; number < 2; number += 1) {
        try {
          localStorage.setItem(`full ${size} ${number}`, "x".repeat(size));
        } catch {
          // as it should be
        }
      }
    }
  });
  await say(page, "two"); // no room for it: what was stored before stays, or less of it
  await shows(page, "> one", "You said: one", HINT, "> two", "You said: two", HINT);
  await restart(page);
  for (const tab of tabs) await shows(tab);
  await say(other, "three");
  for (const tab of tabs) await eventually(async () => (await shown(tab)).includes("You said: three"), "the answer");
  assert.ok(!(await shown(page)).some((text) => text.includes("one")));
  await other.reload();
  await connected(other);
  assert.ok(!(await shown(other)).some((text) => text.includes("one")));
}

export async function takes_over_what_was_stored_before(visit) {
  const page = await visit.chat();
  await say(page, "one");
  await shows(page, "> one", "You said: one", HINT);
  const { session, entries } = await stored(page);
  const older = entries.map((entry) => ({ ...entry, id: entry.id.split(" ").pop() }));
  await put(page, { [STORED]: null, session, entries: older });
  await page.reload();
  await connected(page);
  await shows(page, "> one", "You said: one", HINT); // and none of them twice
  assert.equal((await stored(page)).session, session);
  await page.reload();
  await connected(page);
  await shows(page, "> one", "You said: one", HINT);
  assert.deepEqual(await names(page), [STORED, TAKEN]);
  for (const broken of [{ session: 5, entries: older }, { entries: older }, { session: "s1", entries: {} }]) {
    await put(page, { [STORED]: null, session: null, entries: null, ...broken });
    await page.reload();
    await shows(page);
    await connected(page);
  }
  for (const broken of ["", "{", "[]", "{}", `{"session":"s2"}`, `{"session":"s2","began":"x","count":-1,"offset":7,"entries":[null,{"id":7}]}`]) {
    await put(page, { [STORED]: broken });
    await page.reload();
    await shows(page);
    await connected(page);
  }
  await say(page, "two");
  await shows(page, "> two", "You said: two", HINT);
}

export async function takes_over_what_a_page_of_before_goes_on_with(visit) {
  const page = await visit.chat();
  const { session } = await stored(page);
  const said = (text) => ({ id: text, at: Date.now(), from: "user", text, message: text, state: "sent", silent: false });
  const reloaded = async (...texts) => {
    await page.reload();
    await connected(page);
    await shows(page, ...texts);
  };
  await put(page, { [STORED]: null, session, entries: [said("one")] });
  await reloaded("> one");
  await put(page, { session, entries: [said("one"), said("two")] });
  await reloaded("> one", "> two");
  await put(page, { session: "another", entries: [said("three")] }); // that page's new conversation
  await reloaded("> three");
  assert.deepEqual(await names(page), [STORED, "entries", "session", TAKEN]);
  await restart(page);
  assert.deepEqual(await names(page), [STORED, TAKEN]);
  await put(page, { session: "another", entries: [said("three"), said("four")] }); // which is over
  await reloaded();
  assert.deepEqual(await names(page), [STORED, TAKEN]);
}

export async function keeps_conversations_apart(visit) {
  const context = await visit.context();
  const of = async (subject) => {
    const token = `x.${Buffer.from(JSON.stringify({ sub: subject })).toString("base64url")}.x`;
    const page = await visit.open(context, `${visit.pageUrl}#token=${token}`);
    await connected(page);
    return page;
  };
  const [ann, ben] = [await of("ann"), await of("ben")];
  await say(ann, "one");
  await shows(ann, "> one", "You said: one", HINT);
  await shows(ben);
  await say(ben, "two");
  await restart(ann);
  await shows(ann);
  await shows(ben, "> two", "You said: two", HINT);
}

export async function keeps_bots_apart(visit) {
  const context = await visit.context();
  // on a page of the same site, whose frames share one storage
  const site = await visit.open(context, visit.siteUrl.replace("localhost", "127.0.0.1"));
  const addresses = [`${visit.pageUrl}/chat`, `${visit.otherUrl}/chat`];
  await site.evaluate((all) => {
    for (const src of all) document.body.append(Object.assign(document.createElement("iframe"), { src, title: src }));
  }, addresses);
  await eventually(() => addresses.every((url) => site.frames().some((frame) => frame.url() === url)), "the frames");
  const [one, other] = addresses.map((url) => site.frames().find((frame) => frame.url() === url));
  for (const frame of [one, other]) await connected(frame);
  const write = async (frame, text) => {
    await frame.getByRole("textbox").fill(text);
    await frame.getByRole("textbox").press("Enter");
  };
  await write(one, "one");
  await write(other, "two");
  await shows(one, "> one", "You said: one", HINT);
  await restart(one);
  await write(one, "three");
  await shows(one, "> three", "You said: three", HINT);
  await shows(other, "> two", "You said: two", HINT);
  assert.equal(await one.evaluate(() => localStorage.length), 2);
}

/** Write values under the page's names, or remove them. */
function put(page, values) {
  return page.evaluate((given) => {
    const prefix = Object.keys(localStorage).find((key) => key.startsWith("webchat ")).replace(/\S*$/, "");
    for (const [name, value] of Object.entries(given)) {
      if (value === null) localStorage.removeItem(prefix + name);
      else localStorage.setItem(prefix + name, typeof value === "string" && name === "conversation" ? value : JSON.stringify(value));
    }
  }, values);
}

function names(page) {
  return page.evaluate(() => Object.keys(localStorage).map((key) => key.split(" ").pop()).toSorted());
}
