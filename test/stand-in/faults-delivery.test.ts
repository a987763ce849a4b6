import { gunzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Fault } from "./faults/faults.ts";
import { sendRequest, callApi, requestRaw, partsOf, type HttpResponse, type RawResponse } from "./http-client.ts";
import { startStandIn, type StandIn } from "./stand-in.ts";

const AUDIO = "/corpusant-app-public/riffs/author/audio/1dd08826-478e-43a6-868f-aff5ababac2c.m4a";
let standIn: StandIn;
let url: string;
let whole: HttpResponse;
const half = () => Math.floor(whole.body.length / 2);

beforeAll(async () => {
  standIn = await startStandIn();
  url = `${standIn.assetUrl}${AUDIO}`;
  whole = await sendRequest(url);
});
afterEach(() => standIn.clearFaults());
afterAll(() => standIn.close());

async function rawWith(fault: Fault): Promise<RawResponse & { head: string; body: Buffer }> {
  standIn.fault("assets", fault);
  const response = await requestRaw(url);
  return { ...response, ...partsOf(response) };
}

describe("silence", () => {
  test("no headers", async () => {
    expect(await rawWith({ kind: "hang" })).toMatchObject({ ended: "silence", bytes: { length: 0 } });
  });

  test("headers, then nothing", async () => {
    const { head, body, ended } = await rawWith({ kind: "hang-after-headers" });
    expect([ended, body.length]).toEqual(["silence", 0]);
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(head).toContain(`Content-Length: ${whole.body.length}`);
  });

  test("half the body, then nothing", async () => {
    expect(await rawWith({ kind: "stall", after: 0.5 })).toMatchObject({ ended: "silence", body: { length: half() } });
  });

  test("a delayed response", async () => {
    const started = performance.now();
    standIn.fault("api", { kind: "delay", ms: 80 });
    expect((await callApi(standIn.url, { id: "x" })).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(75);
  });
});

describe("incomplete bodies", () => {
  test.each([
    ["length", /^HTTP\/1\.1 200/, /Content-Length: \d+/i],
    ["none", /^HTTP\/1\.1 200/, /Connection: close/i],
    ["chunked", /^HTTP\/1\.1 200/, /Transfer-Encoding: chunked/i],
    ["http10", /^HTTP\/1\.0 200/, /Content-Type: audio\/mp4/i],
  ] as const)("cut with framing %s, closed cleanly", async (framing, version, header) => {
    const { head, body, ended } = await rawWith({ kind: "cut", after: 1000, framing });
    expect(ended).toBe("end");
    expect(head).toMatch(version);
    expect(head).toMatch(header);
    expect(/^content-length:/im.test(head)).toBe(framing === "length");
    const sent = framing === "chunked" ? body.subarray(5, -2) : body;
    expect(sent.equals(whole.body.subarray(0, 1000))).toBe(true);
  });

  test.each([
    ["length", true],
    ["chunked", true],
    ["none", false],
    ["http10", false],
  ] as const)("node:http notices a cut with framing %s: %s", async (framing, noticed) => {
    standIn.fault("assets", { kind: "cut", after: 0.5, framing });
    const outcome = await sendRequest(url).then(
      ({ body }) => body.length,
      (error: NodeJS.ErrnoException) => error.code,
    );
    expect(outcome).toBe(noticed ? "ECONNRESET" : half());
  });

  test.each(["none", "chunked", "http10"] as const)("complete, without a length, framing %s", async (framing) => {
    standIn.fault("assets", { kind: "no-length", framing });
    const { headers, body } = await sendRequest(url);
    expect([headers["content-length"], body.equals(whole.body)]).toEqual([undefined, true]);
  });

  test("a reset before the first byte, and after some", async () => {
    expect(await rawWith({ kind: "reset" })).toMatchObject({ ended: "reset", bytes: { length: 0 } });
    expect(await rawWith({ kind: "reset", after: 500 })).toMatchObject({ ended: "reset", body: { length: 500 } });
  });
});

test("a Content-Length that is too large or too small", async () => {
  const large = await rawWith({ kind: "length", by: 1000 });
  expect(large).toMatchObject({ ended: "end", body: { length: whole.body.length } });
  expect(large.head).toContain(`Content-Length: ${whole.body.length + 1000}`);
  const small = await rawWith({ kind: "length", by: -1000 });
  expect(small.body).toHaveLength(whole.body.length);
  expect(small.head).toContain(`Content-Length: ${whole.body.length - 1000}`);
});

describe("compressed bodies", () => {
  test("gzip that was not requested, complete and cut", async () => {
    standIn.fault("assets", [{ kind: "encoded" }, { kind: "encoded", cut: 0.5 }]);
    const [packed, cut] = [await sendRequest(url), await sendRequest(url)];
    expect(packed.headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(packed.body).equals(whole.body)).toBe(true);
    expect(cut.headers["content-length"]).toBe(String(cut.body.length));
    expect(() => gunzipSync(cut.body)).toThrow(/unexpected end/);
  });

  test("a decompression bomb, and several layers", async () => {
    standIn.fault("assets", [
      { kind: "encoded", bombBytes: 20_000_000 },
      { kind: "encoded", layers: ["gzip", "gzip", "br"] },
    ]);
    const bomb = await sendRequest(url);
    expect(bomb.body.length).toBeLessThan(30_000);
    expect(gunzipSync(bomb.body)).toHaveLength(20_000_000);
    expect((await sendRequest(url)).headers["content-encoding"]).toBe("gzip, gzip, br");
  });
});

describe("long bodies", () => {
  test("a number of bytes a second", async () => {
    standIn.fault("assets", { kind: "slow", bytesPerSecond: whole.body.length * 2 });
    const started = performance.now();
    const { body } = await sendRequest(url);
    expect(body.equals(whole.body)).toBe(true);
    expect(performance.now() - started).toBeGreaterThan(350);
  });

  test("one byte a second: the first second brings one", async () => {
    standIn.fault("assets", { kind: "slow", bytesPerSecond: 1 });
    const response = await fetch(url);
    const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
    expect((await reader.read()).value).toHaveLength(1);
    await reader.cancel();
  });

  test("an endless body, whose sender stops when the reader does", async () => {
    standIn.fault("assets", { kind: "endless" });
    const response = await fetch(url);
    expect(response.headers.get("content-length")).toBeNull();
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += (chunk as Uint8Array).length;
      if (bytes > 20_000_000) break;
    }
    expect(bytes).toBeGreaterThan(20_000_000);
  });

  test("zeros after a file, declared or not", async () => {
    standIn.fault("assets", [
      { kind: "huge", bytes: 1_000_000, declared: true },
      { kind: "huge", bytes: 1_000_000 },
    ]);
    const [declared, open] = [await sendRequest(url), await sendRequest(url)];
    expect(declared.headers["content-length"]).toBe(String(whole.body.length + 1_000_000));
    expect([declared.body.length, open.body.length]).toEqual([
      whole.body.length + 1_000_000,
      whole.body.length + 1_000_000,
    ]);
    expect(open.headers["content-length"]).toBeUndefined();
  });
});

test("close ends hanging connections at once", async () => {
  const own = await startStandIn();
  own.fault("assets", [{ kind: "hang" }, { kind: "stall", after: 0.5 }, { kind: "slow", bytesPerSecond: 1 }]);
  const open = [0, 1, 2].map(() => sendRequest(`${own.assetUrl}${AUDIO}`).catch(() => "cut"));
  await expect.poll(() => own.requests.length).toBe(3);
  await own.close();
  expect(await Promise.all(open)).toEqual(["cut", "cut", "cut"]);
  expect(own.peak.assets).toBe(3);
});
