import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectCode } from "../../helpers/expect-code.ts";
import { mayBrowse } from "../../helpers/needs.ts";
import { makeWorld, type World } from "../../helpers/world.ts";
import { serveHome } from "../../server/served.ts";
import type { RunningServer } from "../../../src/server/serve.ts";
import { clipIdOf, makeRecord, taskIdOf } from "../../stand-in/make-record.ts";
import { openPage, startBrowser } from "./browser.ts";

/** Each would set `hit` if any part of the page took it for more than text. */
const VECTORS = [
  "<script>hit=1</script>",
  "</script><script>hit=1</script>",
  '"><img src=x onerror=hit=1>',
  "'><svg onload=hit=1>",
  "<svg><script>hit=1</script></svg>",
  "<iframe srcdoc='<script>parent.hit=1</script>'></iframe>",
  "</textarea><script>hit=1</script>",
  "</title><script>hit=1</script>",
  "</style><script>hit=1</script>",
  "<style>@import 'http://evil.example/x'</style>",
  "<img src=http://evil.example/x.png>",
  "<a href=javascript:hit=1>x</a>",
  "javascript:hit=1",
  "data:text/html,<script>hit=1</script>",
  "<math><mtext></form><form><mglyph><style></math><img src onerror=hit=1>",
  "<details open ontoggle=hit=1>",
  "<input autofocus onfocus=hit=1>",
  "<video><source onerror=hit=1></video>",
  "<base href=http://evil.example/>",
  "<meta http-equiv=refresh content='0;url=http://evil.example/'>",
  "<form action=http://evil.example/><button>x</button></form>",
  "${hit=1}{{hit=1}}<%= hit=1 %>",
  "<mark>x</mark><b>bold</b>&lt;i&gt;&amp;",
  "[x](javascript:hit=1) ![x](http://evil.example/y)",
  "__proto__",
  "\u202e<script>hit=1</script>\u202c",
];

let world: World;
let server: RunningServer;
let browser: Browser;
beforeAll(async () => {
  if (!mayBrowse()) return;
  world = await makeWorld({ tasks: VECTORS.length + 1 });
  VECTORS.forEach((text, n) => {
    const clip = { title: text, lyric: `[${text}]\n${text}\n[00:01.00]${text}`, prompt: text, style: text, tags: text };
    const request = { prompt: text, lyric: text, title: text, custom_field: text };
    world.standIn.records.set(taskIdOf(n), makeRecord(n, { clip, request }, { assetBase: world.standIn.assetUrl }));
  });
  const failed = {
    success: false,
    error: { code: '"><img src=x onerror=hit=1>', message: VECTORS[0] },
    data: undefined,
  };
  world.standIn.records.set(taskIdOf(VECTORS.length), makeRecord(VECTORS.length, { response: failed }));
  await world.mirror("sync");
  for (const [n, text] of VECTORS.entries())
    if (n % 4 === 0) {
      expectCode(await world.mirror("playlist", "create", `list ${text}`, clipIdOf(n)), 0);
      expectCode(await world.mirror("tag", clipIdOf(n), `+${text.replace(/[^a-z<>=/ "']/gi, "")}`), 0);
    }
  server = await serveHome(world.home);
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
  await world?.[Symbol.asyncDispose]();
});

/** What of the page is no text: scripts but its own, handlers, addresses that run, and whether one ran. */
const FOUND = `(() => ({
  hit: typeof hit,
  scripts: [...document.scripts].filter(({ src }) => new URL(src).origin !== location.origin).length,
  handlers: [...document.querySelectorAll("*")].flatMap(({ attributes }) =>
    [...attributes].filter(({ name }) => name.startsWith("on")).map(({ name, value }) => name + "=" + value)),
  links: [...document.querySelectorAll("[href],[src],[action]")].flatMap((element) =>
    ["href", "src", "action"].map((name) => element.getAttribute(name)).filter((value) =>
      value && !/^(blob:|data:,$|data:image\\/|#|\\/)/.test(value) && new URL(value, location.href).origin !== location.origin)),
  frames: document.querySelectorAll("iframe, object, embed, base, meta[http-equiv]").length,
}))()`;
const DRAWN = "document.querySelectorAll('main *').length";
const NOTHING = { hit: "undefined", scripts: 0, handlers: [], links: [], frames: 0 };

describe.skipIf(!mayBrowse())("I114: texts of songs are text on every page", () => {
  test.each([
    "/",
    "/?view=list",
    "/?q=hit",
    "/?q=%3Cscript%3Ehit%3D1%3C%2Fscript%3E",
    "/statistics",
    "/status",
    "/settings",
  ])("%s", async (path) => {
    await using opened = await openPage(browser, server.url + path);
    opened.page.on("dialog", (dialog) => opened.problems.push(`a dialog: ${dialog.message()}`));
    await expect.poll(() => opened.page.evaluate(DRAWN), { timeout: 30_000 }).toBeGreaterThan(4);
    expect(await opened.page.evaluate(FOUND)).toEqual(NOTHING);
    expect(opened.problems).toEqual([]);
  });

  test.each(VECTORS.map((text, n) => [text, n] as const))("the page of a song: %s", async (text, n) => {
    await using opened = await openPage(browser, `${server.url}/song/${clipIdOf(n)}`);
    await expect.poll(() => opened.page.locator("h1").textContent(), { timeout: 30_000 }).toContain(text);
    await expect.poll(() => opened.page.evaluate(DRAWN), { timeout: 30_000 }).toBeGreaterThan(4);
    expect(await opened.page.evaluate(FOUND)).toEqual(NOTHING);
    expect(opened.problems).toEqual([]);
  });

  test("two of them compared, and an address that is one itself", async () => {
    const takes = `${clipIdOf(0)},${clipIdOf(2)}`;
    for (const path of [
      `/compare?ids=${takes}`,
      `/song/${encodeURIComponent(VECTORS[2] ?? "")}`,
      "/?sort=%22%3E%3Cimg%20src%3Dx%20onerror%3Dhit%3D1%3E",
    ]) {
      await using opened = await openPage(browser, server.url + path);
      await expect.poll(() => opened.page.evaluate(DRAWN), { timeout: 30_000 }).toBeGreaterThan(4);
      expect(await opened.page.evaluate(FOUND)).toEqual(NOTHING);
    }
  });
});
