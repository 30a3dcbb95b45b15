// Tabs of one browser: whatever each of them does, they show one conversation.
import assert from "node:assert/strict";
import { HINT, connected, eventually, hears, restart, say, shown, shows, stored, tabsOf } from "./visit.mjs";

const GREETING = "Hey! How are you?";
const NOT_CONNECTED = /Not connected/;

export async function leads_every_tab_to_the_new_conversation(visit) {
  const tabs = await tabsOf(visit, 3);
  const [first, second, third] = tabs;
  await say(first, "one");
  for (const tab of tabs) await shows(tab, "> one", "You said: one", HINT);
  const before = await stored(first);
  await restart(second);
  for (const tab of tabs) await shows(tab);
  const after = await stored(first);
  assert.notEqual(after.session, before.session);
  assert.deepEqual(after.entries, []);
  for (const tab of tabs) await connected(tab);
  await say(third, "two");
  for (const tab of tabs) await shows(tab, "> two", "You said: two", HINT);
  await visit.inspect(first, "led to the new conversation");
  await third.reload();
  await shows(third, "> two", "You said: two", HINT);
  await restart(first); // and another time, by the tab that was led
  for (const tab of tabs) await shows(tab);
  await say(second, "three");
  for (const tab of tabs) await shows(tab, "> three", "You said: three", HINT);
}

export async function greets_once_whatever_the_number_of_tabs(visit) {
  const tabs = await tabsOf(visit, 2, "?greet=/greet");
  for (const tab of tabs) await shows(tab, GREETING);
  await restart(tabs[0]);
  await eventually(async () => (await stored(tabs[1])).entries.length === 2, "the next greeting");
  await tabs[1].reload();
  await connected(tabs[1]);
  await say(tabs[1], "one");
  for (const tab of tabs) await shows(tab, GREETING, "> one", "You said: one", HINT);
}

export async function believes_a_server_that_counts_anew(visit) {
  const tabs = await tabsOf(visit, 2);
  const [page, other] = tabs;
  const texts = [];
  // the answer of before, too, with the number of before
  for (const said of ["hi", "hi", "one"]) {
    await say(page, said);
    texts.push(`> ${said}`, ...(said === "hi" ? [GREETING] : [`You said: ${said}`, HINT]));
    await shows(page, ...texts);
    await forget(visit, (await stored(page)).session);
  }
  // the other tab's connection was forgotten with the first one's
  await say(other, "hi");
  for (const tab of tabs) await shows(tab, ...texts, "> hi", GREETING);
  await page.reload();
  await connected(page);
  await say(page, "two");
  for (const tab of tabs) await shows(tab, ...texts, "> hi", GREETING, "> two", "You said: two", HINT);
}

export async function wakes_up_in_the_new_conversation(visit) {
  const context = await visit.context();
  const page = await visit.open(context);
  const asleep = await visit.open(context);
  const deaf = await context.newPage();
  await deaf.addInitScript(() => {
    window.addEventListener("storage", (event) => event.stopImmediatePropagation(), true);
    // nor does it look for what others have left to send, as a page in the background is late to
    const { setTimeout } = window;
    window.setTimeout = (call, after, ...given) => (after === 3_000 ? 0 : setTimeout(call, after, ...given));
  });
  await deaf.goto(visit.pageUrl);
  const tabs = [page, asleep, deaf];
  for (const tab of tabs) await connected(tab);
  await say(page, "one");
  await shows(page, "> one", "You said: one", HINT);
  for (const tab of [asleep, deaf]) await hears(tab, HINT);
  const wake = await sleepAndThenSay(asleep, "three");
  await restart(page);
  await say(page, "two");
  await shows(page, "> two", "You said: two", HINT);
  await wake();
  // what was said over the old conversation belongs to the one that had begun
  const texts = ["> two", "You said: two", HINT, "> three", "You said: three", HINT];
  for (const tab of [page, asleep]) await shows(tab, ...texts);
  assert.ok((await shown(deaf)).includes("You said: one"));
  await wakes(deaf, "focus");
  await shows(deaf, ...texts);
  await say(page, "deaf");
  await hears(page, "You said: deaf");
  await restart(page);
  assert.ok((await shown(deaf)).includes("You said: three"));
  await wakes(deaf, "pageshow");
  await shows(deaf);
  await say(page, "more");
  await hears(page, "You said: more");
  await restart(page);
  texts.length = 0;
  await say(deaf, "four");
  for (const tab of tabs) await shows(tab, ...texts, "> four", "You said: four", HINT);
}

export async function leaves_the_answers_of_before_behind(visit) {
  const context = await visit.context();
  const sockets = new HeldSockets();
  await sockets.route(context);
  const tabs = [await visit.open(context), await visit.open(context)];
  const [page, other] = tabs;
  for (const tab of tabs) await connected(tab);
  sockets.hold(/bot_uttered|session_confirm/);
  await say(page, "one");
  await eventually(() => sockets.held.length >= 4, "the answer, to both tabs");
  await restart(page);
  await eventually(() => sockets.held.some((frame) => frame.includes("session_confirm")), "the confirmation");
  sockets.release();
  for (const tab of tabs) await connected(tab);
  for (const tab of tabs) await shows(tab);
  await say(other, "two");
  for (const tab of tabs) await shows(tab, "> two", "You said: two", HINT);
  assert.ok(!JSON.stringify(await stored(page)).includes("one"));
}

export async function may_be_reloaded_at_any_moment(visit) {
  const context = await visit.context();
  const sockets = new HeldSockets();
  await sockets.route(context);
  const tabs = [await visit.open(context), await visit.open(context)];
  for (const tab of tabs) await connected(tab);
  await say(tabs[0], "one");
  for (const tab of tabs) await shows(tab, "> one", "You said: one", HINT);
  let last = "one";
  for (const [step, reloaded] of tabs.entries()) {
    sockets.hold(/session_confirm/);
    await restart(tabs[0]);
    await say(tabs[1], `step ${step}`); // before the server has confirmed anything
    await reloaded.reload();
    for (const tab of tabs) await shows(tab, `> step ${step}`);
    sockets.release();
    for (const tab of tabs) await shows(tab, `> step ${step}`, `You said: step ${step}`, HINT);
    assert.ok(!JSON.stringify(await stored(reloaded)).includes(last));
    last = `step ${step}`;
  }
}

export async function loses_nothing_of_two_who_write_at_once(visit) {
  const tabs = await tabsOf(visit, 2);
  const rounds = ["one", "two", "three"];
  for (const round of rounds) await Promise.all(tabs.map((tab, number) => say(tab, `${round} ${number}`)));
  const expected = rounds.flatMap((round) => [0, 1].flatMap((number) => [`> ${round} ${number}`, `You said: ${round} ${number}`]));
  const heard = async (tab) => (await shown(tab)).filter((text) => text !== HINT).toSorted();
  for (const tab of tabs) await eventually(async () => String(await heard(tab)) === String(expected.toSorted()), "every message, once");
  await eventually(async () => (await stored(tabs[0])).entries.every(({ state }) => state !== "waiting"), "all sent");
  for (const tab of tabs) {
    await tab.reload();
    assert.deepEqual(await heard(tab), expected.toSorted());
  }
}

export async function follows_without_a_connection(visit) {
  const context = await visit.context();
  const page = await visit.open(context);
  const cut = await context.newPage();
  let isCut = false;
  const open = new Set();
  await cut.routeWebSocket(/./, (client) => {
    if (isCut) return void client.close({ code: 1001 });
    client.connectToServer();
    open.add(client);
  });
  await cut.goto(visit.pageUrl);
  for (const tab of [page, cut]) await connected(tab);
  isCut = true;
  for (const client of open) await client.close({ code: 1001 });
  await cut.getByText(NOT_CONNECTED).waitFor();
  await say(cut, "over");
  await shows(page, "> over");
  await restart(page);
  await shows(cut);
  await say(cut, "later");
  for (const tab of [page, cut]) await shows(tab, "> later");
  isCut = false;
  await cut.evaluate(() => window.dispatchEvent(new Event("online"))); // it need not wait out its pause
  for (const tab of [page, cut]) await shows(tab, "> later", "You said: later", HINT);
}

export async function keeps_order_whatever_the_clock(visit) {
  const context = await visit.context();
  await context.addInitScript(() => {
    const { now } = Date;
    window.ahead = 0;
    Date.now = () => now() + window.ahead;
  });
  const sockets = new HeldSockets();
  await sockets.route(context);
  const tabs = [await visit.open(context), await visit.open(context)];
  for (const tab of tabs) await connected(tab);
  const set = (ahead) => Promise.all(tabs.map((tab) => tab.evaluate((given) => (window.ahead = given), ahead)));
  await set(3_600_000);
  sockets.hold(/bot_uttered/);
  await say(tabs[0], "one");
  await eventually(() => sockets.held.length >= 2, "the answer");
  await set(0);
  sockets.release();
  for (const tab of tabs) await shows(tab, "> one", "You said: one", HINT);
  await say(tabs[1], "two");
  const texts = ["> one", "You said: one", HINT, "> two", "You said: two", HINT];
  for (const tab of tabs) await shows(tab, ...texts);
  await tabs[1].reload();
  await connected(tabs[1]);
  await shows(tabs[1], ...texts);
  await restart(tabs[1]); // by a tab whose clock is an hour behind what was said
  await shows(tabs[0]);
  await say(tabs[0], "three");
  for (const tab of tabs) await shows(tab, "> three", "You said: three", HINT);
}

export async function sends_what_another_tab_has_left(visit) {
  const context = await visit.context();
  const page = await visit.open(context);
  const left = await context.newPage();
  let isCut = false;
  await left.routeWebSocket(/./, (client) => {
    const server = client.connectToServer();
    client.onMessage((frame) => isCut || server.send(frame));
    server.onMessage((frame) => client.send(frame));
  });
  await left.goto(visit.pageUrl);
  for (const tab of [page, left]) await connected(tab);
  isCut = true;
  await say(left, "one");
  await shows(page, "> one");
  await left.close();
  await shows(page, "> one", "You said: one", HINT);
  assert.equal(await page.getByText("Waiting to be sent").count(), 0);
}

/** Stop a tab in the middle of what it does; what is given back lets it go on, by saying something. */
async function sleepAndThenSay(tab, text) {
  const devtools = await tab.context().newCDPSession(tab);
  await devtools.send("Debugger.enable");
  const stopped = new Promise((resolve) => devtools.once("Debugger.paused", resolve));
  const said = tab.evaluate((given) => {
    debugger;
    document.getElementById("input").value = given;
    document.getElementById("composer").requestSubmit();
  }, text);
  await stopped;
  return async () => {
    await devtools.send("Debugger.resume");
    await said;
    await devtools.detach();
  };
}

/** Bring a tab to the front, as far as it can tell. */
function wakes(tab, event) {
  return tab.evaluate((name) => window.dispatchEvent(new Event(name)), event);
}

async function forget(visit, session) {
  const { ok } = await fetch(visit.forgetUrl + session);
  assert.ok(ok);
}

/** A proxy of the pages' sockets that holds back what the server sends, when told to. */
class HeldSockets {
  #word = null;
  #waiting = [];

  get held() {
    return this.#waiting.map(({ frame }) => frame);
  }

  async route(context) {
    await context.routeWebSocket(/./, (client) => {
      const server = client.connectToServer();
      client.onMessage((frame) => server.send(frame));
      server.onMessage((frame) => {
        // a socket keeps order
        const isHeld = this.#word?.test(frame) || this.#waiting.some((each) => each.client === client);
        if (isHeld) this.#waiting.push({ client, frame });
        else client.send(frame);
      });
    });
  }

  hold(word) {
    this.#word = word;
  }

  release() {
    this.#word = null;
    for (const { client, frame } of this.#waiting.splice(0)) client.send(frame);
  }
}
