import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ok, startRawServer } from "./raw-server.ts";
import { bigM4a, ID, media, setUp } from "./setup.ts";

const REFUSED = `1d/${ID}.audio.bad.part`;
const WRONG = { "x-goog-hash": `md5=${createHash("md5").update("other").digest("base64")}` };

test("E70: bad bytes are kept as they came, only the newest, until the right ones arrive", async () => {
  const answers = [ok("<html>first</html>"), ok("<html>second</html>"), ok(media("faststart.m4a"))];
  await using server = await startRawServer((socket) => void socket.write(answers.shift() ?? ""));
  await using my = await setUp();
  expect((await my.fail(`${server.origin}/a`)).message).toMatch(new RegExp(`; kept for inspection as ${REFUSED}$`));
  await my.fail(`${server.origin}/a`);
  expect(readFileSync(join(my.root, REFUSED), "utf8")).toBe("<html>second</html>");
  expect(statSync(join(my.root, REFUSED)).mode & 0o777).toBe(0o600);
  const { path } = await my.get(`${server.origin}/a`);
  expect(await my.files()).toEqual([path]);
});

test("O157: a file with a wrong digest is kept whole, of a huge one the beginning", async () => {
  const bodies = [bigM4a(3_000_000), bigM4a(18_000_000)];
  await using server = await startRawServer((socket) => void socket.write(ok(bodies.shift() ?? "", WRONG)));
  await using my = await setUp();
  const [whole, huge] = bodies;
  await my.fail(`${server.origin}/a`);
  expect(readFileSync(join(my.root, REFUSED)).equals(whole!)).toBe(true);
  await my.fail(`${server.origin}/a`);
  expect(readFileSync(join(my.root, REFUSED)).equals(huge!.subarray(0, 16 * 1024 * 1024))).toBe(true);
});

test("E70: a host that answers every request with a page does not fill the disk", async () => {
  await using server = await startRawServer((socket) => void socket.write(ok("<html>maintenance</html>")));
  await using my = await setUp();
  for (let index = 0; index < 25; index++) await my.fail(`${server.origin}/a`, { id: `clip ${index}` });
  expect(await my.files()).toHaveLength(20);
});
