// What is stored by tabs that do not see each other.
import assert from "node:assert/strict";
import { module } from "./visit.mjs";

/**
 * What tabs do at random, while each sees what the others have written when that comes to it: a browser
 * keeps a copy of the storage in every process. In the end all must be in one conversation, the one that
 * began last, with everything that was said in it, once; and no tab may write for ever.
 */
export async function agrees_whatever_tabs_do(visit) {
  const page = await visit.open(await visit.context(), visit.aloneUrl);
  const urls = await Promise.all(["history.js", "storage.js"].map((name) => module(page, name)));
  const wrong = await page.evaluate(async ([historyUrl, storageUrl]) => {
    const { History } = await import(historyUrl);
    const { Storage } = await import(storageUrl);
    let now = 1e12;
    Date.now = () => (now += 1);
    const runs = (room) => Array.from({ length: 300 }, (_, seed) => disagreement(seed + 1, room));
    return [...runs(Infinity), ...runs(1_500), ...runs(300)].filter(Boolean);

    /** What is wrong at the end of a run, if anything; `room` is in characters. */
    function disagreement(seed, room) {
      let state = seed;
      const random = (below) => (state = (state * 48_271) % 2_147_483_647) % below;
      const browser = { log: [], tabs: [] };
      const started = { getItem: () => null, setItem() {}, removeItem() {}, watch() {} };
      const first = new History(new Storage({ ...started, setItem: (key, value) => browser.log.push({ key, value, from: null }) }, ""));
      const [{ value }] = browser.log.splice(0);
      for (let number = 0; number < 3; number += 1) browser.tabs.push(tab(browser, value, room));
      const said = [];
      const server = { counts: {}, messages: {} };
      for (let step = 0; step < 60; step += 1) {
        const { history } = browser.tabs[random(3)];
        const act = random(12);
        if (act < 6) deliver(browser, browser.tabs[random(3)]);
        else if (act < 8) said.push(history.say(`said ${step}`, ""));
        else if (act < 10) answer(server, history, random, step);
        else if (act < 11) mark(history, random);
        else if (random(3) === 0) history.restart();
      }
      let rounds = 0;
      while (browser.tabs.some((each) => each.inbox.length > 0)) {
        if ((rounds += 1) > 1_000) return `${seed}: never quiet`;
        for (const each of browser.tabs) deliver(browser, each);
      }
      return room === Infinity ? judged(seed, browser, said) : apart(seed, browser);
    }

    function tab(browser, value, room) {
      const made = { inbox: [], cache: new Map([["conversation", value]]), pending: 0, changed: null };
      const items = {
        getItem: (key) => made.cache.get(key) ?? null,
        removeItem: (key) => made.cache.delete(key),
        watch: (changed) => (made.changed = changed),
        setItem(key, text) {
          if (text.length > room) throw new Error("full");
          if (made.cache.get(key) === text) return;
          made.cache.set(key, text);
          made.pending += 1;
          browser.stored = text;
          for (const each of browser.tabs) each.inbox.push({ key, text, from: made });
        },
      };
      made.history = new History(new Storage(items, ""));
      made.history.follow({ replaced() {}, changed() {} });
      return made;
    }

    /** The next thing that comes to a tab; its own writes come back to it, and none before them counts. */
    function deliver(browser, to) {
      const next = to.inbox.shift();
      if (!next) return;
      if (next.from === to) return void (to.pending -= 1);
      if (to.pending === 0) to.cache.set(next.key, next.text);
      to.changed(next.key);
    }

    function answer(server, history, random, step) {
      const { session } = history;
      const messages = (server.messages[session] ??= []);
      if (random(2) === 0) messages.push(`answer ${step}`);
      const number = random(messages.length + 1);
      if (number > 0) history.hear(session, { text: messages[number - 1] }, `${number}`.padStart(20, "0"));
    }

    function mark(history, random) {
      const mine = history.entries.filter(({ from }) => from === "user");
      if (mine.length > 0) history.mark(mine[random(mine.length)], ["sent", "failed", "waiting"][random(3)]);
    }

    /** Without room they cannot know all of it, but still which conversation it is. */
    function apart(seed, browser) {
      const sessions = new Set(browser.tabs.map(({ history }) => history.session));
      return sessions.size > 1 ? `${seed}: tabs are in ${[...sessions]}` : "";
    }

    function judged(seed, browser, said) {
      const [one, ...others] = browser.tabs.map(({ history }) => JSON.stringify([history.session, history.entries, history.received]));
      if (others.some((other) => other !== one)) return `${seed}: tabs differ: ${[one, ...others].join(" / ")}`;
      const { session, entries } = browser.tabs[0].history;
      const stored = JSON.parse(browser.stored ?? browser.tabs[0].cache.get("conversation"));
      if (JSON.stringify([stored.session, stored.entries]) !== JSON.stringify([session, entries])) return `${seed}: stored is ${JSON.stringify(stored)}`;
      const ids = entries.map(({ id }) => id);
      if (new Set(ids).size < ids.length) return `${seed}: doubled`;
      const lost = said.filter(({ id, at }) => at >= stored.began && !ids.includes(id));
      return lost.length > 0 ? `${seed}: lost ${JSON.stringify(lost)}` : "";
    }
  }, urls);
  assert.deepEqual(wrong, []);
}
