// What others write is text, and only ever text.
import assert from "node:assert/strict";
import { connected, hears, module, restart, say, shown } from "./visit.mjs";

const HOSTILE = '<img src=x onerror=alert(1)><script>alert(1)</script> [go](javascript:alert(1)) [see](https://example.com/a_b?c=1).';

export async function lets_no_markup_in(visit) {
  const page = await visit.chat();
  await say(page, HOSTILE);
  await page.getByText(/^You said: <img/).waitFor();
  assert.equal(await page.locator("#messages img, #messages script").count(), 0);
  const links = await page.locator("#messages a").evaluateAll((all) => all.map((each) => [each.href, each.target, each.rel]));
  assert.deepEqual(links, [["https://example.com/a_b?c=1", "_blank", "noopener noreferrer"]]);
  assert.equal((await shown(page))[0], `> ${HOSTILE}`);
}

export async function reads_any_payload(visit) {
  const page = await visit.chat();
  const url = await module(page, "payloads.js");
  const payloads = [
    ["a text", [{ kind: "text", text: "a text" }]],
    ["", []],
    [null, [{ kind: "data", data: null }]],
    [[1, 2], [{ kind: "data", data: [1, 2] }]],
    [{ text: "" }, []],
    [{ text: 5, quick_replies: "no list", attachment: null, elements: null }, []],
    [{ quick_replies: [{ title: "yes" }, {}, null, { title: "go", url: "https://a.example/" }] },
      [{ kind: "choices", choices: [
        { title: "yes", payload: "yes", url: null },
        { title: "go", payload: "go", url: "https://a.example/" }] }]],
    [{ text: "t", buttons: [{ title: "x", payload: "/x", url: "javascript:1" }] },
      [{ kind: "text", text: "t" }, { kind: "choices", choices: [{ title: "x", payload: "/x", url: null }] }]],
    [{ image: "https://a.example/i.png" }, [{ kind: "image", url: "https://a.example/i.png", alt: "" }]],
    [{ attachment: { type: "image", payload: { src: "javascript:alert(1)" } } }, [{ kind: "text", text: "javascript:alert(1)" }]],
    [{ attachment: { type: "image", payload: { src: "data:image/png;base64,AA==", alt: "A dot" } } },
      [{ kind: "image", url: "data:image/png;base64,AA==", alt: "A dot" }]],
    [{ attachment: { type: "image", payload: { src: "data:text/html,x" } } }, [{ kind: "text", text: "data:text/html,x" }]],
    [{ attachment: { type: "video", payload: { src: "https://a.example/v.mp4", title: "V" } } },
      [{ kind: "video", url: "https://a.example/v.mp4", name: "V" }]],
    [{ attachment: { type: "file", payload: { url: "https://a.example/a%20b.pdf" } } },
      [{ kind: "file", url: "https://a.example/a%20b.pdf", name: "a b.pdf" }]],
    [{ attachment: { type: "file", payload: { url: "https://a.example/%zz" } } },
      [{ kind: "file", url: "https://a.example/%zz", name: "%zz" }]],
    [{ attachment: { type: "template", payload: { template_type: "generic", elements: { title: "one" } } } },
      [{ kind: "cards", cards: [{ title: "one", subtitle: "", image: null, url: null, choices: [] }] }]],
    [{ attachment: { type: "template", payload: { template_type: "generic", elements: [] } } },
      [{ kind: "data", data: { template_type: "generic", elements: [] } }]],
    [{ attachment: { what: "else" } }, [{ kind: "data", data: { what: "else" } }]],
    [{ type: "demo", answer: 42 }, [{ kind: "data", data: { type: "demo", answer: 42 } }]],
  ];
  for (const [payload, parts] of payloads) {
    const read = await page.evaluate(
      async ([from, given]) => (await import(from)).partsOf(given),
      [url, payload],
    );
    assert.deepEqual(read, parts, JSON.stringify(payload));
  }
}

export async function writes_little_markdown(visit) {
  const page = await visit.chat();
  const url = await module(page, "markdown.js");
  const link = (href, text = href) => `<a href="${href}" target="_blank" rel="noopener noreferrer">${text}</a>`;
  const texts = [
    ["plain", "plain"],
    ["a **bold** word", "a <strong>bold</strong> word"],
    ["*it* and _it_", "<em>it</em> and <em>it</em>"],
    ["**bold with *italics***", "<strong>bold with <em>italics</em></strong>"],
    ["2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"],
    ["`**code**`", "<code>**code**</code>"],
    ["a\n```js\nlet a = 1;\n```\nb", 'a<pre tabindex="0"><code>let a = 1;</code></pre>b'],
    ["see https://a.example/b.", `see ${link("https://a.example/b")}.`],
    ["(https://a.example/)", `(${link("https://a.example/")})`],
    ["https://a.example/w_(x)", link("https://a.example/w_(x)")],
    ["[mail](mailto:a@b.example)", link("mailto:a@b.example", "mail")],
    ["[x](javascript:alert(1))", "[x](javascript:alert(1))"],
    ["[x](data:text/html,1)", "[x](data:text/html,1)"],
    ["[x](/relative)", "[x](/relative)"],
    ["<b>&amp;</b>", "&lt;b&gt;&amp;amp;&lt;/b&gt;"],
    ["**", "**"],
    ["", ""],
  ];
  for (const [text, expected] of texts) {
    const made = await page.evaluate(
      async ([from, given]) => {
        const box = document.createElement("div");
        box.append((await import(from)).markdown(given));
        return box.innerHTML;
      },
      [url, text],
    );
    assert.equal(made, expected, text);
  }
  // a text of unpaired marks must not hold the page up
  for (const mark of [" **a", "_a ", "[a", "`a\n", " *a", "[a]("]) {
    const kept = await page.evaluate(
      async ([from, given]) => (await import(from)).markdown(given).textContent === given,
      [url, mark.repeat(25_000)],
    );
    assert.ok(kept, mark);
  }
}

export async function remembers_within_bounds(visit) {
  const page = await visit.chat();
  const kept = await page.evaluate(async ([history, storage]) => {
    const { History } = await import(history);
    const { Storage } = await import(storage);
    const values = {};
    const items = {
      isLoaded: true,
      loaded: Promise.resolve(),
      getItem: (key) => values[key] ?? null,
      setItem: (key, value) => (values[key] = value),
      removeItem: (key) => delete values[key],
    };
    const entries = () => JSON.parse(values["x conversation"]).entries;
    const [one, other] = [1, 2].map(() => new History(new Storage(items, "x ")));
    const hear = (payload, number) => one.hear(one.session, payload, number ? `${number}`.padStart(20, "0") : "");
    for (let number = 1; number <= 250; number += 1) hear({ text: `message ${number}` }, number);
    const many = entries().length;
    hear({ image: `data:image/png;base64,${"A".repeat(300_000)}` });
    const huge = entries().length;
    const again = hear({ text: "message 250" }, 250);
    for (let number = 0; number < 100; number += 1) hear({ text: "x".repeat(20_000) });
    const long = JSON.stringify(entries()).length;
    other.say("hi", "hi");
    one.say("bye", "bye");
    const last = entries().slice(-2).map(({ text }) => text);
    // another text under a number of before: the server counts anew, also what reads as before
    const anew = [hear({ text: "other" }, 250), hear({ text: "message 249" }, 249), hear({ text: "message 249" }, 249)].map(Boolean);
    const elsewhere = one.hear("another session", { text: "hi" }, "9".padStart(20, "0"));
    const over = one.confirm({ session: "another session", ...one.received }, "another session", "");
    return { many, huge, again, long, last, anew, elsewhere, over, isSame: one.session === other.session };
  }, await Promise.all(["history.js", "storage.js"].map((name) => module(page, name))));
  assert.equal(kept.many, 200);
  assert.equal(kept.huge, 200); // it displaces none
  assert.equal(kept.again, null);
  assert.ok(kept.long > 400_000 && kept.long < 510_000, `${kept.long} characters`);
  assert.deepEqual(kept.last, ["hi", "bye"]);
  assert.deepEqual(kept.anew, [true, true, false]);
  assert.deepEqual([kept.elsewhere, kept.over, kept.isSame], [null, false, true]);
}

export async function works_without_storage(visit) {
  const context = await visit.context();
  await context.addInitScript(() => {
    Object.defineProperty(window, "localStorage", {
      get() {
        throw new DOMException("blocked", "SecurityError");
      },
    });
  });
  const page = await visit.open(context);
  await connected(page);
  await say(page, "one");
  await hears(page, "You said: one");
  await restart(page);
  await say(page, "two");
  await hears(page, "You said: two");
  assert.ok(!(await shown(page)).includes("You said: one"));
}
