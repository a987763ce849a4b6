import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mayBrowse } from "../../helpers/needs.ts";
import { serveHome } from "../../server/served.ts";
import { makeWorld, TOKEN, type World } from "../../helpers/world.ts";
import { openPage, startBrowser } from "./browser.ts";

let world: World;
let browser: Browser;
beforeAll(async () => {
  if (!mayBrowse()) return;
  world = await makeWorld({ tasks: 6, tracked: false });
  await world.mirror("track", ...world.ids.slice(0, 4));
  await world.mirror("sync");
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await world?.[Symbol.asyncDispose]();
});

const settings = () => ({
  token: TOKEN,
  apiUrl: world.standIn.url,
  ...(world.standIn.assetHost && { assetHosts: [world.standIn.assetHost] }),
});

test.skipIf(!mayBrowse())("new songs appear by themselves, and the status shows the run", async () => {
  await using server = await serveHome(world.home, {}, settings());
  await using opened = await openPage(browser, server.url);
  const { page } = opened;
  const shown = () => page.locator(".chips .count").textContent();
  await expect.poll(shown).toBe("4 songs");
  await world.mirror("track", ...world.ids.slice(4));
  await using status = await openPage(browser, `${server.url}/status`);
  await status.page.getByRole("button", { name: "Sync" }).click();
  await expect.poll(shown, { timeout: 20_000 }).toBe("6 songs");
  await status.page.getByText("All 6 songs are whole on this disk").waitFor();
  await expect.poll(() => status.page.locator(".runs button").count()).toBe(2);
  expect([...opened.problems, ...status.problems]).toEqual([]);
});

test.skipIf(!mayBrowse())(
  "when the service goes away what is loaded stays and plays, and all goes on when it is back",
  async () => {
    const first = await serveHome(world.home);
    const { port } = new URL(first.url);
    await using opened = await openPage(browser, first.url);
    const { page } = opened;
    await page.locator(".card .tab").first().click();
    await page.locator('.player [aria-label="Pause"]').waitFor();
    await page.locator('.player [aria-label^="Repeat"]').click();
    await first[Symbol.asyncDispose]();
    await page.locator(".banner").waitFor();
    expect(await page.locator(".card").count()).toBeGreaterThan(0);
    const title = await page.locator(".player .song b").textContent();
    await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("Shift+ArrowRight");
    await page.locator(".player .song small", { hasText: "waiting for the service" }).waitFor();
    const waiting = await page.locator(".player .song b").textContent();
    expect(waiting).not.toBe(title);
    await page.locator(".side").getByRole("link", { name: "Not heard yet" }).click();
    await page.locator(".center h1", { hasText: "the service cannot be reached" }).waitFor();
    await using _second = await serveHome(world.home, {}, { listen: { host: "127.0.0.1", port: Number(port) } });
    await expect.poll(() => page.locator(".banner").count(), { timeout: 20_000 }).toBe(0);
    await page.locator(".card").first().waitFor();
    await expect
      .poll(() => page.locator(".player .song small").textContent(), { timeout: 20_000 })
      .not.toMatch(/waiting/);
    await page.locator('.player [aria-label="Pause"]').waitFor();
    expect(await page.locator(".player .song b").textContent()).toBe(waiting);
  },
);
