// How the page looks, on every screen and in other languages; screenshots go to `visit.folder`.
import assert from "node:assert/strict";
import { devices } from "playwright-core";
import { eventually, hears, say, shown } from "./visit.mjs";

const SCREENS = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { ...devices["iPhone 13"], viewport: { width: 390, height: 844 }, defaultBrowserType: undefined },
  narrow: { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true },
};

export async function fits_every_screen(visit) {
  for (const colorScheme of ["light", "dark"]) {
    for (const [name, screen] of Object.entries(SCREENS)) {
      const page = await visit.chat("?greet=/greet", { ...screen, colorScheme });
      const at = `${visit.folder}/${name}-${colorScheme}`;
      await hears(page, "Hey! How are you?");
      await page.getByRole("button", { name: "super sad" }).click();
      await hears(page, "Did that help you?");
      await page.screenshot({ path: `${at}-1.png` });
      await fits(page, `${name} ${colorScheme}`);
      await visit.inspect(page, `${name} ${colorScheme}`);
      await say(page, "Can you show me **cards**, and a rather long word: Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrik?");
      await say(page, "cards");
      await page.getByRole("button", { name: "Pick 1" }).waitFor();
      await fits(page, `${name} ${colorScheme} with cards`);
      await page.screenshot({ path: `${at}-2.png` });
      await visit.inspect(page, `${name} ${colorScheme} with cards`);
      await say(page, "help");
      await page.getByRole("button", { name: "attachment" }).waitFor();
      await fits(page, `${name} ${colorScheme} with many replies`);
      await page.screenshot({ path: `${at}-3.png` });
      await page.context().close();
    }
  }
}

/** Nothing is wider than the window, and the newest message is in it. */
async function fits(page, state) {
  const { width, wide, hidden } = await page.evaluate(() => {
    const { clientWidth: width } = document.documentElement;
    const outside = (each) => each.getBoundingClientRect().right > width + 0.5 || each.getBoundingClientRect().left < -0.5;
    const all = [...document.querySelectorAll("body *:not(.hidden)")].filter((each) => !each.closest(".rail ul, dialog"));
    const scroll = document.getElementById("scroll");
    return {
      width,
      wide: all.filter(outside).map((each) => each.outerHTML.slice(0, 80)),
      hidden: scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight,
    };
  });
  assert.deepEqual(wide, [], `${state}: wider than ${width}`);
  assert.ok(hidden < 2, `${state}: ${hidden} pixels below the end`);
}

export async function speaks_other_languages(visit) {
  const german = await visit.chat("?lang=de-AT&title=Hilfe&color=%23ffcc00");
  assert.equal(await german.locator("html").getAttribute("lang"), "de");
  assert.equal(await german.title(), "Hilfe");
  await german.getByRole("heading", { name: "Hilfe" }).waitFor();
  await german.getByPlaceholder("Nachricht schreiben").waitFor();
  await say(german, "hi");
  await hears(german, "Hey! How are you?");
  await visit.inspect(german, "German, yellow");
  await german.screenshot({ path: `${visit.folder}/german.png` });
  const french = await visit.chat("", { locale: "fr-FR" });
  await french.getByPlaceholder("Écrire un message").waitFor();
  const arabic = await visit.chat("?lang=ar");
  assert.equal(await arabic.locator("html").getAttribute("dir"), "rtl");
  await say(arabic, "مرحبا");
  await hears(arabic, "You said: مرحبا");
  await say(arabic, "cards");
  await arabic.getByRole("button", { name: "Pick 1" }).waitFor();
  const [bot, user] = await arabic.evaluate(() =>
    ["li.bot .bubble", "li.user .bubble"].map((each) => document.querySelector(each).getBoundingClientRect().right),
  );
  assert.ok(bot > user, "the assistant stands on the right where one reads from there");
  await visit.inspect(arabic, "from right to left");
  await arabic.screenshot({ path: `${visit.folder}/arabic.png` });
  await eventually(async () => (await shown(arabic)).length >= 4, "all messages");
}
