import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mayBrowse } from "../../helpers/needs.ts";
import { serveWorld, type Served } from "../../server/served.ts";
import { makeLibrary, makeRecord } from "../../stand-in/make-record.ts";
import { openPage, startBrowser, violationsIn } from "./browser.ts";

const TAKES = 4;
const SONGS = 9;
let served: Served;
let browser: Browser;
beforeAll(async () => {
  if (!mayBrowse()) return;
  const same = { request: { prompt: "one idea", lyric: "la", model: "FUZZ-2.0" }, clip: { title: "Takes" } };
  const library = (assetBase: string) => ({
    ...makeLibrary({ tasks: SONGS, assetBase }),
    value: (n: number) => makeRecord(n, n < TAKES ? same : {}, { assetBase }),
  });
  served = await serveWorld({}, {}, { library });
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await served?.[Symbol.asyncDispose]();
});

/** The toast with these words. */
const undo = (page: Page, words: RegExp) =>
  page.locator(".toasts p", { hasText: words }).getByRole("button", { name: "Undo" }).click();
const get = async <T>(path: string) => (await (await fetch(served.url + path)).json()) as T;
type Songs = { items: { id: string; tags: string[]; rating: number; starred: boolean }[]; total: number };
const rows = '[role="table"] .song';

/** The list, a row a song. */
async function asList(page: Page): Promise<void> {
  await page.locator(".card").first().waitFor();
  await page.keyboard.press("v");
  await page.locator(`${rows} a`).first().waitFor();
}

async function select(page: Page, from: number, to: number): Promise<void> {
  await page.locator(`${rows} .ti a`).nth(from).focus();
  await page.keyboard.press("x");
  await page.locator(`${rows} .ti a`).nth(to).focus();
  await page.keyboard.press("Shift+X");
  await page.locator(".selbar").waitFor();
}

describe.skipIf(!mayBrowse())("takes", () => {
  test("are one row, which unfolds, and one row each where they are asked for", async () => {
    await using opened = await openPage(browser, served.url);
    const { page } = opened;
    await page.locator(".card").first().waitFor();
    const shown = () => page.locator(".chips .count").textContent();
    await expect.poll(shown).toBe(`${SONGS} songs in ${SONGS - TAKES + 1} stacks`);
    await page.getByRole("button", { name: /^4 takes/ }).click();
    await expect.poll(() => page.locator(".drawer li").count()).toBe(TAKES);
    await page.locator('.drawer [aria-label="Rate 5 of 5"]').nth(2).click();
    await expect.poll(async () => (await get<Songs>("/api/clips?min-rating=5")).total).toBe(1);
    await page.locator(".bar").getByRole("button", { name: "Fold takes of one song" }).click();
    await expect.poll(shown).toBe(`${SONGS} songs`);
    expect(new URL(page.url()).searchParams.get("takes")).toBe("apart");
    await page.reload();
    await expect.poll(shown).toBe(`${SONGS} songs`);
    expect(opened.problems).toEqual([]);
  });

  test("are grouped by what they were made from, by model and by day, and the address says so", async () => {
    await using opened = await openPage(browser, `${served.url}/?group=model&takes=apart`, { height: 4000 });
    const { page } = opened;
    const heads = page.locator(".group h2");
    await heads.first().waitFor();
    const models = new Set((await get<{ items: { model: string }[] }>("/api/clips")).items.map(({ model }) => model));
    await expect.poll(async () => new Set(await heads.allTextContents())).toEqual(models);
    expect(opened.problems).toEqual([]);
  });
});

describe.skipIf(!mayBrowse())("what is selected", () => {
  test("is tagged, rated and starred at once, and each can be undone", async () => {
    await using opened = await openPage(browser, `${served.url}/?takes=apart`);
    const { page } = opened;
    await asList(page);
    await select(page, 1, 3);
    await page.locator(".selbar").getByRole("button", { name: "Tag" }).click();
    await page.locator(".selbar input").fill("late night");
    await page.keyboard.press("Enter");
    await expect.poll(async () => (await get<Songs>("/api/clips?tag=late%20night")).total).toBe(3);
    await undo(page, /tagged late night/);
    await expect.poll(async () => (await get<Songs>("/api/clips?tag=late%20night")).total).toBe(0);
    await page.locator(".selbar").getByRole("button", { name: "Rate" }).click();
    await page.locator(".selbar").getByRole("button", { name: "Rate 2" }).click();
    await expect
      .poll(async () => (await get<Songs>("/api/clips")).items.filter(({ rating }) => rating === 2).length)
      .toBe(3);
    await page.locator(".selbar").getByRole("button", { name: "Star" }).click();
    await expect.poll(async () => (await get<Songs>("/api/clips?starred=true")).total).toBe(3);
    await page.keyboard.press("Escape");
    await expect.poll(() => page.locator(".selbar").count()).toBe(0);
    expect(opened.problems).toEqual([]);
  });

  test("goes into the trash after a question, and comes back", async () => {
    await using opened = await openPage(browser, `${served.url}/?takes=apart`);
    const { page } = opened;
    await asList(page);
    await select(page, 0, 1);
    await page.locator(".selbar").getByRole("button", { name: "Remove" }).click();
    const dialog = page.locator("dialog.ask");
    expect(await dialog.textContent()).toMatch(/2 songs to the trash\?.*30 days/);
    await dialog.getByRole("button", { name: "Keep them" }).click();
    expect((await get<Songs>("/api/clips")).total).toBe(SONGS);
    await page.locator(".selbar").getByRole("button", { name: "Remove" }).click();
    await dialog.getByRole("button", { name: "Move to trash" }).click();
    await expect.poll(() => page.locator(".chips .count").textContent()).toBe(`${SONGS - 2} songs`);
    expect((await get<Songs>("/api/clips?removed=true")).total).toBe(2);
    await undo(page, /moved to the trash/);
    await expect.poll(() => page.locator(".chips .count").textContent()).toBe(`${SONGS} songs`);
    expect(opened.problems).toEqual([]);
  });
});

describe.skipIf(!mayBrowse())("playlists", () => {
  type List = { id: string; name: string; clips: { id: string }[] };

  test("are made of a selection, ordered by keys and by dragging, named, and removed with an undo", async () => {
    await using opened = await openPage(browser, `${served.url}/?takes=apart`);
    const { page } = opened;
    await asList(page);
    await select(page, 0, 3);
    await page.locator(".selbar").getByRole("button", { name: "Playlist" }).click();
    await page.getByPlaceholder("New playlist").fill("Night");
    await page.keyboard.press("Enter");
    await page.locator(".side").getByRole("link", { name: /Night/ }).click();
    const entries = page.locator(".entry");
    await expect.poll(() => entries.count()).toBe(4);
    const { items } = await get<{ items: List[] }>("/api/playlists");
    const path = `/api/playlists/${items[0]?.id}`;
    const order = async () => (await get<List>(path)).clips.map(({ id }) => id);
    const [a, b, c, d] = await order();
    await page.locator(".grip").nth(0).focus();
    await page.keyboard.press("Alt+ArrowDown");
    await expect.poll(order).toEqual([b, a, c, d]);
    await page.keyboard.press("Alt+End");
    await expect.poll(order).toEqual([b, c, d, a]);
    const grip = await page.locator(".grip").nth(2).boundingBox();
    const target = await page.locator(".grip").nth(0).boundingBox();
    await page.mouse.move(grip!.x + 8, grip!.y + 20);
    await page.mouse.down();
    await page.mouse.move(target!.x + 8, target!.y + 18, { steps: 5 });
    await page.mouse.up();
    await expect.poll(order).toEqual([d, b, c, a]);
    await page
      .getByRole("button", { name: /off the list/ })
      .nth(1)
      .click();
    await expect.poll(order).toEqual([d, c, a]);
    await undo(page, /is off the list/);
    await expect.poll(order).toEqual([d, b, c, a]);
    await page.getByRole("button", { name: "Rename" }).click();
    await page.getByLabel("Name of the playlist").fill("Nights <b>");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator(".listhead h1 bdi").textContent()).toBe("Nights <b>");
    await page.locator(".listhead").getByRole("button", { name: "Play", exact: true }).click();
    await expect.poll(() => page.locator(".player .song b").count()).toBe(1);
    await page.getByRole("button", { name: "Remove list" }).click();
    await expect.poll(async () => (await get<{ items: List[] }>("/api/playlists")).items.length).toBe(0);
    await undo(page, /is removed/);
    await expect
      .poll(async () => (await get<{ items: List[] }>("/api/playlists")).items.map(({ name }) => name))
      .toEqual(["Nights <b>"]);
    expect(opened.problems).toEqual([]);
  });

  test("take a song from its menu, which a right click opens and Escape closes", async () => {
    await using opened = await openPage(browser, served.url);
    const { page } = opened;
    await page.locator(".card").nth(1).click({ button: "right" });
    await page.getByRole("menuitem", { name: "Add to a playlist" }).click();
    await page
      .locator(".afloat")
      .getByRole("button", { name: /Nights/ })
      .click();
    await expect
      .poll(async () => (await get<{ items: { songs: number }[] }>("/api/playlists")).items[0]?.songs)
      .toBe(5);
    await page.locator(".card").nth(1).click({ button: "right" });
    await page.keyboard.press("Escape");
    await expect.poll(() => page.locator(".afloat").count()).toBe(0);
    expect(opened.problems).toEqual([]);
  });
});

test.skipIf(!mayBrowse()).each(["light", "dark"] as const)(
  "axe finds nothing in what opens, %s",
  async (colorScheme) => {
    await using opened = await openPage(browser, served.url, { colorScheme });
    const { page } = opened;
    const clips = (await get<Songs>("/api/clips?limit=3")).items.map(({ id }) => id);
    const headers = { "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json" };
    const body = JSON.stringify({ name: `Looked at, ${colorScheme}`, clips });
    await fetch(`${served.url}/api/playlists`, { method: "POST", headers, body });
    await page.reload();
    const found: Record<string, string[]> = {};
    const look = async (name: string) => void (found[name] = await violationsIn(page));
    await asList(page);
    await page.getByRole("button", { name: /^4 takes/ }).click();
    await look("unfolded takes");
    await select(page, 0, 2);
    await look("selection");
    for (const name of ["Tag", "Playlist", "Rate", "Export"]) {
      await page.locator(".selbar").getByRole("button", { name, exact: true }).click();
      await look(name);
      await page.keyboard.press("Escape");
    }
    await page.locator(".selbar").getByRole("button", { name: "Remove" }).click();
    await look("removal");
    await page.keyboard.press("Escape");
    await page.locator(".song .more").nth(1).click();
    await look("menu");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.locator('.song [aria-label^="Play "]:not([disabled])').first().click();
    await page.keyboard.press("q");
    await look("queue");
    await page
      .locator(".side")
      .getByRole("link", { name: `Looked at, ${colorScheme}` })
      .click();
    await page.locator(".entry").first().waitFor();
    await look("playlist");
    await page.setViewportSize({ width: 360, height: 740 });
    await page.locator(".panel").getByRole("button", { name: "Close" }).click();
    await page.locator(".player .song b a").click();
    await page.locator(".now-playing").waitFor();
    await look("player on a phone");
    expect(Object.entries(found).filter(([, problems]) => problems.length > 0)).toEqual([]);
  },
);

test.skipIf(!mayBrowse())("a search is kept under a name in the side, and dropped again", async () => {
  await using opened = await openPage(browser, `${served.url}/?min-rating=2&q=a`);
  const { page } = opened;
  await page.getByRole("button", { name: "Keep this search" }).click();
  await page.getByLabel("Name of the search").fill("Good ones");
  await page.keyboard.press("Enter");
  await page.locator(".side").getByRole("link", { name: "Library" }).click();
  await page.reload();
  await page.locator(".side").getByRole("link", { name: "Good ones" }).click();
  await expect.poll(() => new URL(page.url()).search).toBe("?min-rating=2&q=a");
  await page.getByRole("button", { name: "Drop the search Good ones" }).click();
  await expect.poll(() => page.locator(".side .kept").count()).toBe(0);
  expect(opened.problems).toEqual([]);
});
