// What happens to messages when the network does not do as it should.
import assert from "node:assert/strict";
import { connected, eventually, hears, say, shown, stored } from "./visit.mjs";

const BANNER = /Not connected/;

export async function sends_what_was_said_offline(visit) {
  const page = await visit.chat();
  await say(page, "before");
  await hears(page, "You said: before");
  await page.context().setOffline(true);
  await page.getByText(BANNER).waitFor();
  await visit.inspect(page, "offline");
  for (const text of ["one", "two", "three"]) await say(page, text);
  assert.equal(await page.getByText("Waiting to be sent").count(), 3);
  await page.context().setOffline(false);
  await hears(page, "You said: three");
  assert.equal(await page.getByText("Waiting to be sent").count(), 0);
  assert.ok(await page.locator("#banner").isHidden());
  const answers = (await shown(page)).filter((text) => text.startsWith("You said"));
  assert.deepEqual(answers, ["before", "one", "two", "three"].map((text) => `You said: ${text}`));
}

export async function loses_nothing_when_the_socket_breaks(visit) {
  const context = await visit.context();
  const breaking = new BreakingSocket();
  await breaking.route(context);
  const page = await visit.open(context);
  await connected(page);
  // the message arrives and the acknowledgement does not: it is sent again, and answered once
  breaking.breakAfterSending = '"unheard"';
  await say(page, "unheard");
  await hears(page, "You said: unheard");
  await connected(page);
  await say(page, "last");
  await hears(page, "You said: last");
  await eventually(async () => (await stored(page)).entries.every(({ state }) => state !== "waiting"), "all sent");
  assert.equal(breaking.broken, 1);
  assert.equal(breaking.sent.filter((frame) => frame.includes('"unheard"')).length, 2);
  const texts = await shown(page);
  assert.equal(texts.filter((text) => text === "You said: unheard").length, 1);
  assert.equal(texts.filter((text) => text === "> unheard").length, 1);
}

export async function sends_what_was_left_by_a_reload(visit) {
  const context = await visit.context();
  const breaking = new BreakingSocket();
  await breaking.route(context);
  const page = await visit.open(context);
  await connected(page);
  await breaking.cut();
  await page.getByText(BANNER).waitFor();
  await say(page, "one");
  await say(page, "two");
  await page.reload();
  await eventually(async () => (await page.getByText("Waiting to be sent").count()) === 2, "the messages of before");
  breaking.isCut = false;
  await hears(page, "You said: two");
  const answers = (await shown(page)).filter((text) => text.startsWith("You said"));
  assert.deepEqual(answers, ["You said: one", "You said: two"]);
}

export async function says_when_it_is_refused(visit) {
  const page = await visit.open(await visit.context(), `${visit.pageUrl}#token=refused`);
  await page.getByText("The server does not let this page in.").waitFor();
  await visit.inspect(page, "refused");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("The server does not let this page in.").waitFor();
}

export async function says_when_there_is_no_server(visit) {
  const page = await visit.open(await visit.context(), visit.aloneUrl);
  await page.getByText("This chat is not connected to a server.").waitFor();
  await visit.inspect(page, "alone");
}

/** A proxy of the page's sockets that breaks them when it is told to. */
class BreakingSocket {
  sent = [];
  broken = 0;
  isCut = false;
  breakAfterSending = null;
  #open = new Set();

  async route(context) {
    await context.routeWebSocket(/./, (client) => {
      if (this.isCut) return void client.close({ code: 1001 });
      const server = client.connectToServer();
      this.#open.add(client);
      client.onMessage((frame) => {
        this.sent.push(frame);
        server.send(frame);
        if (!this.breakAfterSending || !frame.includes(this.breakAfterSending)) return;
        this.breakAfterSending = null;
        this.broken += 1;
        client.close({ code: 1001 });
        // long enough for the frame to have been read
        setTimeout(() => server.close(), 200);
      });
      server.onMessage((frame) => client.send(frame));
    });
  }

  async cut() {
    this.isCut = true;
    for (const client of this.#open) await client.close({ code: 1001 });
  }
}
