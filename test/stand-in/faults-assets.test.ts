import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { topBoxes } from "../demo/library/boxes.ts";
import type { Fault } from "./faults/faults.ts";
import { sendRequest, type HttpResponse } from "./http-client.ts";
import { startStandIn, type StandIn } from "./stand-in.ts";

const AUDIO = "/corpusant-app-public/riffs/author/audio/1dd08826-478e-43a6-868f-aff5ababac2c.m4a";
const IMAGE = "/corpusant-app-public/riffs/author/image/1dd08826-478e-43a6-868f-aff5ababac2c.jpg";
let standIn: StandIn;
let url: string;
let whole: HttpResponse;

beforeAll(async () => {
  standIn = await startStandIn();
  url = `${standIn.assetUrl}${AUDIO}`;
  whole = await sendRequest(url);
});
afterEach(() => standIn.clearFaults());
afterAll(() => standIn.close());

function requestWith(fault: Fault | Fault[], headers: Record<string, string> = {}): Promise<HttpResponse> {
  standIn.fault("assets", Array.isArray(fault) ? [fault] : fault);
  return sendRequest(url, { headers });
}

function hashesOf({ rawHeaders }: HttpResponse): string[] {
  return rawHeaders.filter((_, index) => rawHeaders[index - 1] === "x-goog-hash");
}

describe("bodies", () => {
  test.each([
    ["html", /^<!doctype html>/],
    ["xml", /AccessDenied/],
    ["json", /^\{/],
    ["svg", /^<svg .*<script>/],
    ["png", /^\x89PNG/],
    ["gif", /^GIF89a/],
    ["webp", /^RIFF....WEBP/s],
    ["hls", /^#EXTM3U[^]*file:\/\/\/etc\/passwd/],
    ["zeros", /^\0+$/],
  ] as const)("%s with 200 and the type of a song", async (what, start) => {
    const response = await requestWith({ kind: "junk", what });
    expect([response.status, response.headers["content-type"]]).toEqual([200, "audio/mp4"]);
    expect(response.body.toString("latin1")).toMatch(start);
  });

  test("the link in a playlist can be given", async () => {
    const { body } = await requestWith({ kind: "junk", what: "hls", link: "http://127.0.0.1:9/secret" });
    expect(body.toString()).toContain("\nhttp://127.0.0.1:9/secret\n");
  });

  test.each([200, 204, 202])("an empty body with %i", async (status) => {
    const response = await requestWith({ kind: "empty", status });
    expect([response.status, response.body.length]).toEqual([status, 0]);
  });

  test("an error of a bucket is XML with a given code", async () => {
    const response = await requestWith({ kind: "status", status: 403, code: "ExpiredToken" });
    expect([response.status, response.headers["content-type"]]).toEqual([403, "application/xml; charset=UTF-8"]);
    expect(response.body.toString()).toContain("<Code>ExpiredToken</Code>");
  });

  test("a song stored truncated: length, ETag and checksums match its bytes, the boxes do not", async () => {
    const { body, headers, ...response } = await requestWith({ kind: "object", truncate: 0.43 });
    expect(body.equals(whole.body.subarray(0, Math.floor(whole.body.length * 0.43)))).toBe(true);
    expect([response.status, headers["content-length"]]).toEqual([200, String(body.length)]);
    expect(headers.etag).not.toBe(whole.headers.etag);
    expect(hashesOf({ body, headers, ...response })).not.toEqual(hashesOf(whole));
    expect(() => topBoxes(body)).toThrow(/does not fit/);
  });

  test("a bit flipped in the stored file, and in the transfer", async () => {
    const stored = await requestWith({ kind: "object", flip: 0.8 });
    const sent = await requestWith({ kind: "corrupt", at: 0.8 });
    expect(stored.body.equals(sent.body)).toBe(true);
    expect(stored.body.equals(whole.body)).toBe(false);
    expect(hashesOf(sent)).toEqual(hashesOf(whole));
    expect(hashesOf(stored)).not.toEqual(hashesOf(whole));
  });

  test("bytes after the end", async () => {
    const { body } = await requestWith({ kind: "object", append: "PK\u0003\u0004" });
    expect(body.length).toBe(whole.body.length + 4);
  });

  test("another version under the same name plays too", async () => {
    const { body, headers } = await requestWith({ kind: "object", version: "2" });
    expect(body.equals(whole.body)).toBe(false);
    expect(headers.etag).not.toBe(whole.headers.etag);
    expect(topBoxes(body)).toEqual(topBoxes(whole.body));
  });
});

describe("ranges and validators", () => {
  const range = { range: "bytes=1000-" };

  test("the range is ignored", async () => {
    const response = await requestWith({ kind: "range", how: "ignored" }, range);
    expect([response.status, response.body.length]).toEqual([200, whole.body.length]);
  });

  test("the range starts at another position than requested, and Content-Range reports it", async () => {
    const response = await requestWith({ kind: "range", how: "wrong-start" }, range);
    expect([response.status, response.headers["content-range"]]).toEqual([206, expect.stringMatching(/^bytes 900-/)]);
    expect(response.body.equals(whole.body.subarray(900))).toBe(true);
  });

  test("416 for a valid range, and a part that was not requested", async () => {
    expect((await requestWith({ kind: "range", how: "unsatisfiable" }, range)).status).toBe(416);
    expect((await requestWith({ kind: "range", how: "unrequested" })).status).toBe(206);
  });

  test("the file changes between two requests: If-Range gets the whole new one", async () => {
    const response = await requestWith(
      { kind: "object", version: "2" },
      { ...range, "if-range": whole.headers.etag ?? "" },
    );
    expect([response.status, response.headers["content-range"]]).toEqual([200, undefined]);
  });

  test("the part is sent with another ETag", async () => {
    const response = await requestWith(
      { kind: "etag", value: '"new"' },
      { ...range, "if-range": whole.headers.etag ?? "" },
    );
    expect([response.status, response.headers.etag]).toEqual([206, '"new"']);
  });

  test("no validators at all", async () => {
    const { headers } = await requestWith([
      { kind: "etag", value: undefined },
      { kind: "last-modified", value: undefined },
    ]);
    expect([headers.etag, headers["last-modified"]]).toEqual([undefined, undefined]);
  });
});

test("checksums that do not match, are malformed, are missing, or share one header", async () => {
  const [crc = "", md5 = ""] = hashesOf(whole);
  const hash = async (how: Extract<Fault, { kind: "hash" }>["how"]) =>
    hashesOf(await requestWith({ kind: "hash", how }));
  expect((await hash("wrong-md5"))[0]).toBe(crc);
  expect((await hash("wrong-md5"))[1]).not.toBe(md5);
  expect((await hash("wrong-crc32c"))[0]).not.toBe(crc);
  expect((await hash("broken"))[0]).toBe("crc32c=!!");
  expect(await hash("absent")).toEqual([]);
  expect(await hash("one-header")).toEqual([`${crc},${md5}`]);
});

describe("redirects", () => {
  test("to any URL, with any status", async () => {
    const response = await requestWith({ kind: "redirect", to: "file:///etc/passwd", status: 307 });
    expect([response.status, response.headers.location]).toEqual([307, "file:///etc/passwd"]);
  });

  test("a loop that ends after so many hops, or never", async () => {
    const follow = async (most: number) => {
      let next = url;
      for (let hops = 0; hops <= most; hops += 1) {
        const { status, headers } = await sendRequest(next);
        if (status === 200) return hops;
        next = new URL(headers.location ?? "", next).href;
      }
      return Infinity;
    };
    standIn.fault("assets", { kind: "redirect-loop", hops: 3 });
    expect(await follow(10)).toBe(3);
    standIn.fault("assets", { kind: "redirect-loop" });
    expect(await follow(30)).toBe(Infinity);
  });
});

test("a pattern selects files; `each` counts separately for every URL", async () => {
  standIn.fault(/\/image\//g, { kind: "status", status: 503 }, "each");
  const image = `${standIn.assetUrl}${IMAGE}`;
  const statuses: number[] = [];
  for (const one of [url, image, image, image.replace("1dd", "2dd")]) statuses.push((await sendRequest(one)).status);
  expect(statuses).toEqual([200, 503, 200, 503]);
});
