import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { crc32cBase64 } from "../../../src/demo/service/crc32c.ts";
import { crc32c } from "../../../src/lib/crc32c.ts";
import { startStandIn } from "../../../src/demo/service/stand-in.ts";
import type { StandIn } from "../../../src/demo/service/stand-in-types.ts";
import { ask } from "./ask.ts";

const PATH = "/corpusant-app-public/riffs/author/audio/1dd08826-478e-43a6-868f-aff5ababac2c.m4a";
let standIn: StandIn;
let url: string;

beforeAll(async () => {
  standIn = await startStandIn();
  url = `${standIn.assetUrl}${PATH}`;
});
afterAll(() => standIn.close());

test("CRC-32C is the one of RFC 3720", () => {
  expect(crc32c(0, Buffer.from("123456789"))).toBe(0xe3069283);
  expect(crc32cBase64(Buffer.alloc(32))).toBe(Buffer.from("8a9136aa", "hex").toString("base64"));
});

test("a file comes with its length, type, validators and digests", async () => {
  const { status, headers, rawHeaders, body } = await ask(url);
  const md5 = createHash("md5").update(body).digest();
  expect(status).toBe(200);
  expect(headers).toMatchObject({
    "content-type": "audio/mp4",
    "content-length": String(body.length),
    "accept-ranges": "bytes",
    etag: `"${md5.toString("hex")}"`,
    "last-modified": expect.stringMatching(/GMT$/),
  });
  const hashes = rawHeaders.filter((_, index) => rawHeaders[index - 1] === "x-goog-hash");
  expect(hashes).toEqual([`crc32c=${crc32cBase64(body)}`, `md5=${md5.toString("base64")}`]);
});

test("HEAD has the headers of GET and no body", async () => {
  const [get, head] = [await ask(url), await ask(url, { method: "HEAD" })];
  expect(head.body).toHaveLength(0);
  expect(head.headers["content-length"]).toBe(String(get.body.length));
});

test.each([
  ["bytes=100-199", 100, 200],
  ["bytes=5000-", 5000, undefined],
  ["bytes=-7", -7, undefined],
  ["bytes=10-99999999", 10, undefined],
])("%s is answered with that part", async (range, start, end) => {
  const whole = await ask(url);
  const part = await ask(url, { headers: { range } });
  expect(part.status).toBe(206);
  expect(part.body.equals(whole.body.subarray(start, end))).toBe(true);
  const first = start < 0 ? whole.body.length + start : start;
  const last = (end ?? whole.body.length) - 1;
  expect(part.headers["content-range"]).toBe(`bytes ${first}-${last}/${whole.body.length}`);
  expect(part.headers.etag).toBe(whole.headers.etag);
});

test("a range behind the end is 416, one that makes no sense is overlooked", async () => {
  const size = (await ask(url)).body.length;
  const behind = await ask(url, { headers: { range: `bytes=${size}-` } });
  expect([behind.status, behind.headers["content-range"]]).toEqual([416, `bytes */${size}`]);
  for (const range of ["bytes=5-2", "lines=1-2", "bytes=1-2,4-5"]) {
    expect((await ask(url, { headers: { range } })).status).toBe(200);
  }
});

test("If-Range and If-None-Match are heeded", async () => {
  const { headers } = await ask(url);
  const range = "bytes=10-";
  const status = async (more: Record<string, string>) => (await ask(url, { headers: more })).status;
  expect(await status({ range, "if-range": headers.etag ?? "" })).toBe(206);
  expect(await status({ range, "if-range": headers["last-modified"] ?? "" })).toBe(206);
  expect(await status({ range, "if-range": '"other"' })).toBe(200);
  expect(await status({ "if-none-match": headers.etag ?? "" })).toBe(304);
});

test("an object that is not there is a 404 in XML; POST is 405 at the file server", async () => {
  const missing = await ask(`${standIn.assetUrl}/corpusant-app-public/riffs/author/audio/a.mp3`);
  expect([missing.status, missing.headers["content-type"]]).toEqual([404, "application/xml; charset=UTF-8"]);
  expect(missing.body.toString()).toContain("NoSuchKey");
});

test("tests put, replace and remove files by path", async () => {
  await using own = await startStandIn();
  own.assets.set(PATH, Buffer.from("other bytes"));
  expect((await ask(`${own.assetUrl}${PATH}`)).body.toString()).toBe("other bytes");
  own.assets.delete(PATH);
  expect((await ask(`${own.assetUrl}${PATH}`)).status).toBe(404);
});

test("big songs for benches: padded, with no digests", async () => {
  await using own = await startStandIn({ padTo: 500_000, hashes: false });
  const { body, headers } = await ask(`${own.assetUrl}${PATH}`);
  expect([body.length, headers["x-goog-hash"]]).toEqual([500_000, undefined]);
});

test("files of different ids differ, in every kind", async () => {
  const paths = [
    (id: string) => `/corpusant-app-public/riffs/x/audio/${id}.m4a`,
    (id: string) => `/corpusant-app-public/riffs/x/image/${id}.jpg`,
    (id: string) => `/corpusant-app-public/riffs/x/stream/${id}.m4a`,
    (id: string) => `/corpusant-app-public/song-videos/${id}%3A${"a".repeat(64)}.mp4`,
    (id: string) => `/producer/2026-01-01/${id}.wav`,
    (id: string) => `/producer/${id}.zip`,
  ];
  const urls = paths.flatMap((path) => ["one", "two", "six"].map((id) => `${standIn.assetUrl}${path(id)}`));
  const answers = await Promise.all(urls.map((one) => ask(one)));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(new Set(answers.map(({ headers }) => headers.etag)).size).toBe(urls.length);
});
