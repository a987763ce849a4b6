import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mayBrowse } from "../../helpers/needs.ts";
import { serveWorld, type Served } from "../../server/served.ts";
import { openPage, startBrowser, violationsIn } from "./browser.ts";

let served: Served;
let browser: Browser;
beforeAll(async () => {
  if (!mayBrowse()) return;
  served = await serveWorld({}, {}, { tasks: 30 });
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await served?.[Symbol.asyncDispose]();
});

const cards = '[role="list"] .card';

describe.skipIf(!mayBrowse())("browsing", () => {
  test("all songs are there, the search filters them, the address holds it, and back leads out of it", async () => {
    await using opened = await openPage(browser, served.url);
    const { page } = opened;
    await page.locator(cards).first().waitFor();
    await expect.poll(() => page.locator(".count").textContent()).toBe("30 songs");
    const title = await page.locator(`${cards} .t a`).first().textContent();
    await page.keyboard.press("/");
    await page.keyboard.type(title ?? "");
    await expect.poll(() => new URL(page.url()).searchParams.get("q")).toBe(title);
    await page.locator(".count").filter({ hasNotText: "30 songs" }).waitFor();
    await page.reload();
    await expect.poll(() => page.locator('input[name="q"]').inputValue()).toBe(title);
    await page.goBack();
    await expect.poll(() => page.locator(".count").textContent()).toBe("30 songs");
    expect(opened.problems).toEqual([]);
  });

  test("a filter is a chip that can be taken away, and a list shows the same songs", async () => {
    await using opened = await openPage(browser, `${served.url}/?model=FUZZ-2.0`);
    const { page } = opened;
    await page.locator(".chip.on", { hasText: "FUZZ-2.0" }).waitFor();
    await page.keyboard.press("v");
    const rows = page.locator('[role="table"] .song');
    await rows.first().waitFor();
    const shown = await page.locator(".count").textContent();
    const { total } = (await (await fetch(`${served.url}/api/clips?model=FUZZ-2.0`)).json()) as { total: number };
    expect(shown).toBe(`${total} ${total === 1 ? "song" : "songs"}`);
    expect(opened.problems).toEqual([]);
  });

  test("back returns to the same pixel", async () => {
    await using opened = await openPage(browser, served.url, { height: 500 });
    const { page } = opened;
    await page.locator(cards).first().waitFor();
    const scroller = page.locator(".scroll");
    await scroller.evaluate((element) => element.scrollTo(0, 437));
    // Nobody clicks before the next frame, in which the page learns of it.
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
    await page.locator(`${cards} .t a`).first().dispatchEvent("click");
    await page.locator("article h1").waitFor();
    await page.goBack();
    await page.locator(cards).first().waitFor();
    await expect.poll(() => scroller.evaluate((element) => element.scrollTop)).toBe(437);
    expect(opened.problems).toEqual([]);
  });

  test("a song's page has its words, parameters and files; an unknown one says so", async () => {
    const { items } = (await (await fetch(`${served.url}/api/clips?limit=1`)).json()) as {
      items: { id: string; title: string }[];
    };
    const [clip] = items;
    await using opened = await openPage(browser, `${served.url}/song/${clip?.id}`);
    await expect.poll(() => opened.page.locator("h1").textContent()).toBe(clip?.title);
    await opened.page.locator("td", { hasText: "audio" }).first().waitFor();
    await using unknown = await openPage(browser, `${served.url}/song/nosuch`);
    await unknown.page.getByText("no task or clip has the id nosuch").waitFor();
  });
});

describe.skipIf(!mayBrowse())("every view", () => {
  test.each(["/", "/?q=zzzz", "/?group=family", "/playlists", "/status", "/statistics", "/settings", "/compare"])(
    "%s has no fault that axe finds",
    async (path) => {
      await using opened = await openPage(browser, served.url + path);
      await opened.page.locator("main :is(h1, h2)").first().waitFor();
      await opened.page.locator('main > [aria-label="Loading"]').waitFor({ state: "detached" });
      expect(await violationsIn(opened.page)).toEqual([]);
      expect(opened.problems).toEqual([]);
    },
  );

  test("a phone shows the library, the player and the ways between", async () => {
    await using opened = await openPage(browser, served.url, { width: 360, height: 740 });
    await opened.page.locator(cards).first().waitFor();
    const width = await opened.page.evaluate("document.documentElement.scrollWidth");
    expect(width).toBe(360);
    await opened.page.locator(".tabbar a", { hasText: "Status" }).click();
    await opened.page.locator("h1", { hasText: "Status" }).waitFor();
    expect(opened.problems).toEqual([]);
  });
});
