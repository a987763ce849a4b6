import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jpegFacts } from "../../../../src/server/media/thumbnails/jpeg-facts.ts";
import { makeThumbnail } from "../../../../src/server/media/thumbnails/make-thumbnail.ts";
import { shrink } from "../../../../src/server/media/thumbnails/shrink.ts";
import { serveWorld, type Served } from "../../served.ts";

type Cover = { clipId: string; path: string; sha256: string };

const KEY = "sesame-0123456789abcdef";
let served: Served;
let covers: Cover[];
let whole: Buffer;
const kept = (...parts: string[]) => join(served.world.home, "cache", "covers", ...parts);
const assets = (path: string) => join(served.world.home, "assets", path);

beforeAll(async () => {
  served = await serveWorld({}, { serveKey: KEY }, { tasks: 12 });
  const db = new Sqlite(join(served.world.home, "archive.db"), { readonly: true });
  covers = db
    .prepare("select clip_id as clipId, path, sha256 from assets where kind = 'image' order by id")
    .all() as Cover[];
  db.close();
  whole = readFileSync(assets(covers[0]!.path));
});
afterAll(() => served[Symbol.asyncDispose]());

const get = (cover: Cover, query: string, headers: Record<string, string> = {}, method = "GET") =>
  fetch(`${served.url}/media/${cover.clipId}/image?${query}`, { headers, method });
const bytes = async (answer: Response) => Buffer.from(await answer.arrayBuffer());
const sides = async (answer: Response) => {
  const { width, height } = jpegFacts(await bytes(answer)) ?? {};
  return [width, height];
};

describe("a cover of another size", () => {
  test("is a JPEG whose longer side has so many pixels, for pages and for players", async () => {
    const [cover] = covers as [Cover];
    const answer = await get(cover, "size=96");
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "image/jpeg",
      etag: `"${cover.sha256}-96"`,
      "cache-control": "private, max-age=3600",
    });
    const small = await bytes(answer);
    expect(jpegFacts(small)).toMatchObject({ width: 96, height: 96 });
    expect(answer.headers.get("content-length")).toBe(String(small.length));
    const player = `${served.url}/rest/getCoverArt?u=env&p=${KEY}&id=${cover.clipId}`;
    expect(await bytes(await fetch(`${player}&size=96`))).toEqual(small);
    expect(await bytes(await fetch(`${player}&size=0`))).toEqual(whole);
    const head = await get(cover, "size=96", {}, "HEAD");
    expect([head.status, head.headers.get("content-length")]).toEqual([200, String(small.length)]);
    expect((await get(cover, "size=96", { "if-none-match": `"${cover.sha256}-96"` })).status).toBe(304);
    expect((await get(cover, "size=96", { "if-none-match": `"${cover.sha256}"` })).status).toBe(200);
  });

  test("is made once and kept, for the person alone, and is made again when it was deleted or damaged", async () => {
    const [, cover] = covers as [Cover, Cover];
    const first = await bytes(await get(cover, "size=40"));
    const path = kept("40", `${cover.sha256}.jpg`);
    expect(readFileSync(path)).toEqual(first);
    expect([statSync(path).mode & 0o777, statSync(kept("40")).mode & 0o777]).toEqual([0o600, 0o700]);
    const marked = Buffer.concat([first.subarray(0, 2), Buffer.from("kept"), first.subarray(-2)]);
    writeFileSync(path, marked);
    expect(await bytes(await get(cover, "size=40"))).toEqual(marked);
    truncateSync(path, 4);
    expect(await bytes(await get(cover, "size=40"))).toEqual(first);
    rmSync(join(served.world.home, "cache"), { recursive: true });
    expect(await bytes(await get(cover, "size=40"))).toEqual(first);
    expect(readFileSync(path)).toEqual(first);
  });

  test("is the stored file where that is not larger, is to be saved, or is no JPEG", async () => {
    const [cover] = covers as [Cover];
    for (const query of ["size=300", "size=5000", "size=96&download"]) {
      const answer = await get(cover, query);
      expect([query, answer.headers.get("etag")]).toEqual([query, `"${cover.sha256}"`]);
      expect(await bytes(answer)).toEqual(whole);
    }
    const audio = await fetch(`${served.url}/media/${cover.clipId}/audio?size=96`);
    expect(audio.headers.get("content-type")).toBe("audio/mp4");
  });

  test("that is no number of pixels is refused, and names what it takes", async () => {
    for (const bad of ["", "0", "-5", "1.5", "x", "999999"]) {
      const answer = await get(covers[0]!, `size=${bad}`);
      expect([bad, answer.status]).toEqual([bad, 400]);
      expect(await answer.text()).toContain("pixels");
    }
  });

  test("of a file that is damaged or lost is not made up", async () => {
    const cover = covers.at(-1)!;
    const path = assets(cover.path);
    const before = readFileSync(path);
    writeFileSync(
      path,
      before.map((byte, at) => (at === before.length - 20 ? byte ^ 1 : byte)),
    );
    expect((await get(cover, "size=50")).status).toBe(410);
    rmSync(path);
    expect((await get(cover, "size=51")).status).toBe(410);
    writeFileSync(path, before);
    expect((await get(cover, "size=52")).status).toBe(200);
  });

  test("comes for many at once, in every size, and few sizes are kept", async () => {
    const asked = covers
      .slice(0, 4)
      .flatMap((cover) => Array.from({ length: 12 }, (_, at) => ({ cover, size: 20 + at })));
    const answers = await Promise.all(asked.map(({ cover, size }) => get(cover, `size=${size}`).then(sides)));
    expect(answers).toEqual(asked.map(({ size }) => [size, size]));
    expect(readdirSync(kept()).length).toBeLessThanOrEqual(8);
  });

  test("comes also where nothing can be kept", async () => {
    rmSync(join(served.world.home, "cache"), { recursive: true, force: true });
    writeFileSync(join(served.world.home, "cache"), "in the way");
    expect(await sides(await get(covers[0]!, "size=77"))).toEqual([77, 77]);
    rmSync(join(served.world.home, "cache"));
  });

  test("of a purged song is gone from the cache too, and no backup holds any", async () => {
    const cover = covers[2]!;
    await bytes(await get(cover, "size=60"));
    expect(existsSync(kept("60", `${cover.sha256}.jpg`))).toBe(true);
    const backup = join(served.world.folder, "backup");
    expect((await served.world.mirror("backup", backup)).code).toBe(0);
    expect(readdirSync(backup, { recursive: true }).filter((path) => /cache|covers/.test(String(path)))).toEqual([]);
    expect((await served.world.mirror("rm", "--purge", "--yes", cover.clipId)).code).toBe(0);
    expect(existsSync(kept())).toBe(false);
    expect((await get(cover, "size=60")).status).toBe(404);
  });
});

describe("a thumbnail", () => {
  test("is not made of what is no JPEG, of a damaged one, and of one that would take long", async () => {
    const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
    for (const bad of [png, Buffer.alloc(0), Buffer.from([0xff, 0xd8]), whole.subarray(0, 200)])
      expect(await makeThumbnail(bad, 50)).toBeNull();
    const frame = whole.indexOf(Buffer.from([0xff, 0xc0])) + 1 || whole.indexOf(Buffer.from([0xff, 0xc2])) + 1;
    const enormous = Buffer.from(whole);
    enormous.writeUInt16BE(60_000, frame + 4);
    enormous.writeUInt16BE(60_000, frame + 6);
    expect(await makeThumbnail(enormous, 50)).toBeNull();
    const scan = whole.indexOf(Buffer.from([0xff, 0xda]));
    const many = Buffer.concat([whole.subarray(0, scan), ...(Array(3000).fill(whole.subarray(scan, -2)) as Buffer[])]);
    expect(jpegFacts(many)?.scans).toBeGreaterThan(2900);
    expect(await makeThumbnail(many, 50)).toBeNull();
    // The next one is made as if nothing had been.
    expect(jpegFacts((await makeThumbnail(whole, 50)) ?? Buffer.alloc(0))).toMatchObject({ width: 50, height: 50 });
  });

  test("of pixels is their mean, also where sizes do not divide", () => {
    const grey = (values: number[]) => Uint8ClampedArray.from(values.flatMap((value) => [value, value, value, 255]));
    const reds = ({ data }: { data: Uint8ClampedArray }) => [...data].filter((_, at) => at % 4 === 0);
    expect(reds(shrink({ data: grey([0, 100, 200, 40, 60, 0]), width: 2, height: 3 }, 1, 1))).toEqual([67]);
    expect(reds(shrink({ data: grey([0, 90, 180]), width: 3, height: 1 }, 2, 1))).toEqual([30, 150]);
    expect(new Set(reds(shrink({ data: grey(Array<number>(35).fill(99)), width: 7, height: 5 }, 3, 4)))).toEqual(
      new Set([99]),
    );
  });
});
