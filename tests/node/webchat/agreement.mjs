// What is stored by tabs that do not see each other.
import assert from "node:assert/strict";
import { module } from "./visit.mjs";

const MODULES = ["record.js", "history.js", "storage.js"];

/** A page of no server, and the addresses of its modules. */
async function modulesOf(visit) {
  const page = await visit.open(await visit.context(), visit.aloneUrl);
  return [page, await Promise.all(MODULES.map((name) => module(page, name)))];
}

/**
 * What a tab knows may reach another one on any way, more than once, and after more has happened: whatever
 * the order, the same must come out, also of records that had to drop different entries for want of room.
 */
export async function joins_records_in_any_order(visit) {
  const [page, urls] = await modulesOf(visit);
  const wrong = await page.evaluate(async ([recordUrl]) => {
    const { halved, idOf, joined, newRecord, placeOf, recordOf } = await import(recordUrl);
    let state = 1;
    const random = (below) => (state = (state * 48_271) % 2_147_483_647) % below;
    const found = [];
    for (let run = 1; run <= 120; run += 1) {
      const pool = poolOf(run);
      const [one, two, three] = [1, 2, 3].map(() => recordFrom(pool));
      found.push(...unlike(`${run}: commutative`, joined(one, two), joined(two, one)));
      found.push(...unlike(`${run}: associative`, joined(joined(one, two), three), joined(one, joined(two, three))));
      found.push(...unlike(`${run}: idempotent`, joined(one, one), one));
      found.push(...unlike(`${run}: absorbing`, joined(joined(one, two), two), joined(one, two)));
      found.push(...unlike(`${run}: stored`, recordOf(JSON.parse(JSON.stringify(joined(one, two)))), joined(one, two)));
      found.push(...beyond(run, joined(one, two)));
    }
    return found;

    /** What tabs may have of a conversation: many messages of a few characters, or a few of very many. */
    function poolOf(run) {
      const [number, most] = [[500, 10], [60, 20_000], [16, 190_000], [12, 300_000]][run % 4];
      const entries = Array.from({ length: number }, (_, each) => {
        const isBot = each % 2 === 1;
        const [count, offset] = [random(2), `${random(isBot ? number : 3)}`.padStart(20, "0")];
        const text = "x".repeat(random(3) === 0 ? random(10) : random(most));
        if (isBot) return { id: idOf(count, offset), count, offset, from: "bot", payload: { text } };
        return { id: `${random(1e9)}`, count, offset, at: random(20), from: "user", text, message: "", state: "waiting", attempt: 1 };
      });
      return [...new Map(entries.map((entry) => [entry.id, entry])).values()];
    }

    function recordFrom(pool) {
      const empty = newRecord(`session ${random(8) === 0}`, random(8) === 0 ? 2 : 1);
      const entries = pool.filter(() => random(4) > 0).map(advanced);
      const record = recordOf({ ...empty, count: random(2), offset: `${random(40)}`.padStart(20, "0"), latest: random(20), entries });
      return random(4) === 0 && record.entries.length > 0 ? halved(record) : record;
    }

    function advanced(entry) {
      if (entry.from === "bot") return entry;
      return { ...entry, state: ["waiting", "sent", "failed"][random(3)], attempt: 1 + random(2) };
    }

    function unlike(what, one, other) {
      const texts = [one, other].map((record) => JSON.stringify(record, (key, value) => (String(value).length > 99 ? value.length : value)));
      return JSON.stringify(one) === JSON.stringify(other) ? [] : [`${what}: ${texts.join(" / ").slice(0, 400)}`];
    }

    function beyond(run, { entries, dropped }) {
      const places = entries.map(placeOf);
      const numbers = [0, 1].map((count) => entries.filter((each) => each.from === "bot" && each.count === count).map(({ offset }) => offset));
      return [
        entries.length > 200 && `${run}: ${entries.length} entries`,
        JSON.stringify(entries).length > 550_000 && `${run}: too large`,
        places.some((place) => place <= dropped) && `${run}: has what it dropped`,
        String(places) !== String(places.toSorted()) && `${run}: disorder`,
        String(numbers.map((each) => each.toSorted())) !== String(numbers) && `${run}: the server's order is lost`,
      ].filter(Boolean);
    }
  }, urls);
  assert.deepEqual(wrong, []);
}

/**
 * What tabs do at random, while each sees what the others have written when that comes to it: a browser
 * keeps a copy of the storage in every process. Some sleep for a while, some are reloaded, and the clock
 * may stand still or be set. In the end all must be in one conversation, the one that began last, with
 * everything that was said in it, once and in order; and no tab may write for ever.
 */
export async function agrees_whatever_tabs_do(visit) {
  const [page, urls] = await modulesOf(visit);
  const wrong = await page.evaluate(async ([recordUrl, historyUrl, storageUrl]) => {
    const { placeOf } = await import(recordUrl);
    const { History } = await import(historyUrl);
    const { Storage } = await import(storageUrl);
    const clock = { now: 0, tick: 1 };
    Date.now = () => (clock.now += clock.tick);
    const kinds = [
      { runs: 100, tabs: 3 },
      { runs: 60, tabs: 2, isStill: true },
      { runs: 100, tabs: 5, isSet: true },
      { runs: 15, tabs: 2, size: 190_000 },
      { runs: 15, tabs: 4, size: 60_000, isSet: true },
      { runs: 8, tabs: 3, size: 250_000, isSet: true },
      { runs: 60, tabs: 3, room: 3_000, isSet: true },
      { runs: 60, tabs: 3, room: 1_000 },
      { runs: 60, tabs: 3, room: 400, isSet: true },
      { runs: 15, tabs: 3, room: 300_000, size: 100_000 },
    ];
    const all = kinds.flatMap((kind) => Array.from({ length: kind.runs }, (_, seed) => ({ size: 1, room: Infinity, ...kind, seed: seed + 1 })));
    return all.map((run) => [disagreement(run), JSON.stringify(run)]).filter(([what]) => what);

    /** What is wrong at the end of a run, if anything; `room` and `size` are in characters. */
    function disagreement({ seed, tabs, room, size, isSet = false, isStill = false }) {
      let state = seed;
      const random = (below) => (state = (state * 48_271) % 2_147_483_647) % below;
      Object.assign(clock, { now: 1e12, tick: isStill ? 0 : 1 });
      const browser = { tabs: [], said: [], restarts: new Map(), answers: {}, room };
      while (browser.tabs.length < tabs) load(browser, (browser.tabs[browser.tabs.length] = {}));
      const text = () => "x".repeat(random(2) ? random(size) : 1);
      for (let step = 0; step < 80; step += 1) {
        if (isSet && random(8) === 0) clock.now += [-3_600_000, 3_600_000, -2_000, -5][random(4)];
        const tab = browser.tabs[random(tabs)];
        const other = browser.tabs[random(tabs)];
        if (random(30) === 0) tab.asleep = step + random(40);
        const act = random(16);
        if (act < 7 && !(other.asleep > step)) deliver(browser, other);
        else if (!(tab.asleep > step)) [say, say, answer, answer, answer, mark, restart, reload, pass][Math.max(0, act - 7)](browser, tab, random, text);
      }
      for (let round = 0; browser.tabs.some(({ inbox }) => inbox.length > 0); round += 1) {
        if (round > 2_000) return "never quiet";
        for (const each of browser.tabs) deliver(browser, each);
      }
      return [...browser.tabs.flatMap((tab) => judged(browser, tab)), ...lost(browser)].join("; ").slice(0, 500);
    }

    /** Load a tab's page: with what is stored, and nothing on its way. */
    function load(browser, tab) {
      Object.assign(tab, { inbox: [], cache: new Map(), pending: 0, changed: null });
      if (browser.stored) tab.cache.set("conversation", browser.stored);
      const items = {
        isLoaded: true,
        loaded: Promise.resolve(),
        getItem: (key) => tab.cache.get(key) ?? null,
        removeItem: (key) => tab.cache.delete(key),
        watch: (changed) => (tab.changed = changed),
        setItem(key, text) {
          if (text.length > browser.room) throw new Error("full");
          if (tab.cache.get(key) === text) return;
          tab.cache.set(key, text);
          tab.pending += 1;
          browser.stored = text;
          for (const each of browser.tabs) each.inbox.push({ key, text, from: tab });
        },
      };
      tab.history = new History(new Storage(items, ""));
      const ids = () => tab.history.entries.map(({ id }) => id);
      tab.shown = ids();
      tab.history.follow({
        replaced: () => (tab.shown = ids()),
        changed: (added) => tab.shown.push(...added.map(({ id }) => id)),
      });
    }

    /** The next thing that comes to a tab; its own writes come back to it, and none before them counts. */
    function deliver(browser, to) {
      const next = to.inbox.shift();
      if (!next) return;
      if (next.from === to) return void (to.pending -= 1);
      if (to.pending === 0) to.cache.set(next.key, next.text);
      to.changed(next.key, next.text);
    }

    function say(browser, tab, random, text) {
      const entry = tab.history.say(text(), "");
      tab.shown.push(entry.id);
      browser.said.push({ ...entry, session: tab.history.session, tab, page: tab.cache });
    }

    /** The server answers something that the tab shows, and sends it any message, as trying as may be. */
    function answer(browser, tab, random, text) {
      const { session, entries } = tab.history;
      const messages = (browser.answers[session] ??= []);
      const asked = entries.filter(({ from }) => from === "user");
      if (asked.length > 0 && random(2)) messages.push({ text: text(), to: asked[random(asked.length)].id, number: messages.length + 1 });
      const number = random(messages.length + 1);
      const entry = number > 0 && tab.history.hear(session, messages[number - 1], `${number}`.padStart(20, "0"));
      if (entry) tab.shown.push(entry.id);
    }

    function mark(browser, tab, random) {
      const mine = tab.history.entries.filter(({ from }) => from === "user");
      if (mine.length === 0) return;
      const { id } = mine[random(mine.length)];
      const { state } = tab.history.mark(tab.history.session, { id }, ["sent", "failed", "waiting"][random(3)]);
      for (const each of browser.said) if (each.id === id && state === "sent") each.isSent = true;
    }

    function restart(browser, tab, random) {
      if (random(3)) return;
      tab.history.refresh();
      const over = tab.history.entries.filter(({ from }) => from === "user").map(({ id }) => id);
      tab.history.restart();
      browser.restarts.set(tab.history.session, over);
      tab.shown = [];
    }

    function reload(browser, tab, random) {
      // what it has written has come to the others, as the browser sees to it, before there is a page again
      if (tab.pending === 0 && random(4) === 0) load(browser, tab);
    }

    function pass() {}

    function judged(browser, { history, shown, cache }) {
      const { session, received } = history;
      const entries = history.entries;
      const ids = entries.map(({ id }) => id);
      const stored = JSON.parse(browser.stored);
      const kept = stored.entries.map(({ id }) => id);
      const questions = entries.filter(({ payload }) => payload && ids.indexOf(payload.to) > ids.indexOf(`0 ${`${payload.number}`.padStart(20, "0")}`));
      const over = browser.restarts.get(session) ?? []; // of the user, as the server's numbers come again
      return [
        cache.get("conversation") !== browser.stored && "tabs see different values",
        session !== stored.session && `in ${session} and not ${stored.session}`,
        received.offset !== stored.offset && `has come to ${received.offset} and not ${stored.offset}`,
        String(ids.filter((id) => kept.includes(id))) !== String(kept) && `has ${ids} and not ${kept}`,
        kept.some((id) => !shown.includes(id)) && `does not show ${kept.filter((id) => !shown.includes(id))}`,
        new Set(shown).size < shown.length && "shows something twice",
        new Set(ids).size < ids.length && "has something twice",
        String(entries.map(placeOf)) !== String(entries.map(placeOf).toSorted()) && "disorder",
        questions.length > 0 && `has ${questions.map(({ id }) => id)} before what they answer`,
        ids.some((id) => over.includes(id)) && "has what was over",
      ].filter(Boolean);
    }

    /** What was said and is not stored, without having been dropped; or unsent, and not even in the page that said it. */
    function lost({ said, stored }) {
      const { session, began, dropped, entries } = JSON.parse(stored);
      const kept = entries.map(({ id }) => id);
      const belonging = said.filter((each) => each.session === session || (each.at >= began && !each.isSent));
      return belonging.flatMap((each) => {
        const place = placeOf(each.session === session ? each : { ...each, count: 0, offset: "" });
        const isDropped = place <= dropped || each.text.length > 199_000;
        const isHere = each.isSent || each.tab.cache !== each.page || each.tab.history.entries.some(({ id }) => id === each.id);
        return (kept.includes(each.id) || isDropped) && isHere ? [] : [`lost ${each.id}`];
      });
    }
  }, urls);
  assert.deepEqual(wrong, []);
}

/** Step by step, in two tabs that see all of each other. */
export async function keeps_what_each_step_has_reached(visit) {
  const [page, urls] = await modulesOf(visit);
  const kept = await page.evaluate(async ([, historyUrl, storageUrl]) => {
    const { History } = await import(historyUrl);
    const { Storage } = await import(storageUrl);
    const values = {};
    let reads = 0;
    const parse = JSON.parse;
    JSON.parse = (text) => (text?.startsWith('{"session"') && (reads += 1), parse(text));
    const clock = { now: 1e12 };
    Date.now = () => clock.now;
    const opened = () => {
      const items = {
        isLoaded: true,
        loaded: Promise.resolve(),
        getItem: (key) => values[key] ?? null,
        setItem: (key, value) => (values[key] = value),
        removeItem: (key) => delete values[key],
        watch() {},
      };
      return new History(new Storage(items, "x "));
    };
    const [one, other] = [opened(), opened()];
    const hear = (number) => one.hear(one.session, { text: `${number}` }, `${number}`.padStart(20, "0"));
    const result = {};
    // a message of before that comes late has its place, and does not take the count back
    for (const number of [1, 5, 3]) hear(number);
    result.offset = Number(one.received.offset);
    result.order = one.entries.map(({ payload }) => payload.text);
    // a message that is to be sent again is not taken for the one that failed
    const said = one.say("hi", "hi");
    one.mark(one.session, said, "failed");
    const failed = values["x conversation"];
    other.refresh();
    other.mark(other.session, said, "waiting");
    result.attempt = JSON.parse(values["x conversation"]).entries.at(-1).attempt;
    values["x conversation"] = failed; // written by a tab that had not seen it
    other.refresh();
    result.again = other.entries.at(-1).state;
    other.mark(other.session, said, "sent");
    other.mark(other.session, said, "failed"); // by a tab that has not heard of the acknowledgement
    result.sent = other.entries.at(-1).state;
    // what is seen is not read again
    one.refresh();
    reads = 0;
    for (let number = 6; number < 16; number += 1) hear(number);
    result.reads = reads;
    // the clock is set back: what is over stays over, and what is said comes last
    clock.now -= 3_600_000;
    one.say("one", "one");
    result.last = one.entries.at(-1).text;
    other.restart();
    one.refresh();
    result.over = [one.entries.length, one.session === other.session];
    clock.now -= 3_600_000;
    one.restart();
    other.refresh();
    result.later = other.session === one.session;
    other.say("two", "two");
    clock.now -= 1;
    other.say("three", "three");
    one.refresh();
    result.texts = one.entries.map(({ text }) => text);
    return result;
  }, urls);
  assert.equal(kept.offset, 5);
  assert.deepEqual(kept.order, ["1", "3", "5"]);
  assert.deepEqual([kept.attempt, kept.again, kept.sent], [2, "waiting", "sent"]);
  assert.equal(kept.reads, 0);
  assert.equal(kept.last, "one");
  assert.deepEqual([kept.over, kept.later], [[0, true], true]);
  assert.deepEqual(kept.texts, ["two", "three"]);
}
