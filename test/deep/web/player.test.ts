import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mayBrowse } from "../../helpers/needs.ts";
import { serveWorld, type Served } from "../../server/served.ts";
import { openPage, startBrowser } from "./browser.ts";

let served: Served;
let browser: Browser;
beforeAll(async () => {
  if (!mayBrowse()) return;
  served = await serveWorld({}, {}, { tasks: 5 });
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await served?.[Symbol.asyncDispose]();
});

const clockOf = "document.querySelector('.player .sk .num').textContent";

test.skipIf(!mayBrowse())(
  "a song plays, is sought in, goes on to the next, and the queue outlives a reload",
  async () => {
    await using opened = await openPage(browser, served.url);
    const { page } = opened;
    const title = (at: number) => page.locator(".card .t a").nth(at).textContent();
    await page.locator(".card .tab").first().click();
    const [first, second] = [await title(0), await title(1)];
    const shown = () => page.locator(".player .song b").textContent();
    await expect.poll(shown).toBe(first);
    const position = page.locator(".player .wave");
    await expect.poll(() => position.getAttribute("aria-valuemax")).not.toBe("0");
    await page.keyboard.press("Shift+ArrowRight");
    await expect.poll(shown).toBe(second);
    await page.locator('.player [aria-label="Pause"]').click();
    await page.keyboard.press("q");
    await page.locator(".panel .queue li").first().waitFor();
    await page.reload();
    await expect.poll(shown).toBe(second);
    expect(await page.evaluate(clockOf)).toMatch(/^\d+:\d\d$/);
    await page.keyboard.press("l");
    await page.locator(".panel .lyr, .panel .hint").first().waitFor();
    expect(opened.problems).toEqual([]);
  },
);

test.skipIf(!mayBrowse())("two takes are compared at one position, and a key switches", async () => {
  const { items } = (await (await fetch(`${served.url}/api/clips?has=audio&limit=2`)).json()) as {
    items: { id: string }[];
  };
  await using opened = await openPage(browser, `${served.url}/compare?ids=${items.map(({ id }) => id).join(",")}`);
  const { page } = opened;
  await page.locator(".deck .pp:not([disabled])").waitFor();
  const heard = () => page.locator('.sidebtn[aria-pressed="true"] b').textContent();
  expect(await heard()).toBe("A");
  await page.keyboard.press(" ");
  await page.locator('.deck [aria-label="Pause"]').waitFor();
  await page.keyboard.press("x");
  await expect.poll(heard).toBe("B");
  await page.locator(".deck .sub", { hasText: "equally loud" }).waitFor();
  expect(opened.problems).toEqual([]);
});
