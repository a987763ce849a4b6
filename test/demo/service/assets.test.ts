import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { crc32cBase64 } from "../../../src/demo/service/bucket-object.ts";
import { startDemoService, type DemoService } from "../../../src/demo/service/demo-service.ts";
import { sendRequest } from "../../stand-in/http-client.ts";

const PATH = "/corpusant-app-public/riffs/author/audio/1dd08826-478e-43a6-868f-aff5ababac2c.m4a";
let service: DemoService;
let url: string;

beforeAll(async () => {
  service = await startDemoService();
  url = `${service.assetUrl}${PATH}`;
});
afterAll(() => service.close());

test("the CRC-32C header has the value of RFC 3720 in base64, big-endian", () => {
  expect(crc32cBase64(Buffer.alloc(32))).toBe(Buffer.from("8a9136aa", "hex").toString("base64"));
});

test("a file is sent with its length, type, validators and checksums", async () => {
  const { status, headers, rawHeaders, body } = await sendRequest(url);
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
  const [get, head] = [await sendRequest(url), await sendRequest(url, { method: "HEAD" })];
  expect(head.body).toHaveLength(0);
  expect(head.headers["content-length"]).toBe(String(get.body.length));
});

test.each([
  ["bytes=100-199", 100, 200],
  ["bytes=5000-", 5000, undefined],
  ["bytes=-7", -7, undefined],
  ["bytes=10-99999999", 10, undefined],
])("%s gets that part", async (range, start, end) => {
  const whole = await sendRequest(url);
  const part = await sendRequest(url, { headers: { range } });
  expect(part.status).toBe(206);
  expect(part.body.equals(whole.body.subarray(start, end))).toBe(true);
  const first = start < 0 ? whole.body.length + start : start;
  const last = (end ?? whole.body.length) - 1;
  expect(part.headers["content-range"]).toBe(`bytes ${first}-${last}/${whole.body.length}`);
  expect(part.headers.etag).toBe(whole.headers.etag);
});

test("a range after the end is 416, a malformed one is ignored", async () => {
  const size = (await sendRequest(url)).body.length;
  const behind = await sendRequest(url, { headers: { range: `bytes=${size}-` } });
  expect([behind.status, behind.headers["content-range"]]).toEqual([416, `bytes */${size}`]);
  for (const range of ["bytes=5-2", "lines=1-2", "bytes=1-2,4-5"]) {
    expect((await sendRequest(url, { headers: { range } })).status).toBe(200);
  }
});

test("If-Range and If-None-Match are applied", async () => {
  const { headers } = await sendRequest(url);
  const range = "bytes=10-";
  const status = async (more: Record<string, string>) => (await sendRequest(url, { headers: more })).status;
  expect(await status({ range, "if-range": headers.etag ?? "" })).toBe(206);
  expect(await status({ range, "if-range": headers["last-modified"] ?? "" })).toBe(206);
  expect(await status({ range, "if-range": '"other"' })).toBe(200);
  expect(await status({ "if-none-match": headers.etag ?? "" })).toBe(304);
});

test("a missing object is a 404 in XML; POST is 405 at the file server", async () => {
  const missing = await sendRequest(`${service.assetUrl}/corpusant-app-public/riffs/author/audio/a.mp3`);
  expect([missing.status, missing.headers["content-type"]]).toEqual([404, "application/xml; charset=UTF-8"]);
  expect(missing.body.toString()).toContain("NoSuchKey");
});

test("files can be replaced and deleted by path", async () => {
  await using own = await startDemoService();
  own.assets.set(PATH, Buffer.from("other bytes"));
  expect((await sendRequest(`${own.assetUrl}${PATH}`)).body.toString()).toBe("other bytes");
  own.assets.delete(PATH);
  expect((await sendRequest(`${own.assetUrl}${PATH}`)).status).toBe(404);
});

test("big songs for benches: padded, without checksums", async () => {
  await using own = await startDemoService({ padTo: 500_000, hashes: false });
  const { body, headers } = await sendRequest(`${own.assetUrl}${PATH}`);
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
  const urls = paths.flatMap((path) => ["one", "two", "six"].map((id) => `${service.assetUrl}${path(id)}`));
  const responses = await Promise.all(urls.map((one) => sendRequest(one)));
  expect(responses.every(({ status }) => status === 200)).toBe(true);
  expect(new Set(responses.map(({ headers }) => headers.etag)).size).toBe(urls.length);
});
