import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { answer, ok, startRawServer, type RawReply, type RawRequest } from "./raw-server.ts";
import { bigM4a, ID, media, setUp } from "./setup.ts";

const song = media("faststart.m4a");
const other = Buffer.concat([song.subarray(0, 2000), media("tagged.m4a").subarray(2000)]);
const HALF = 2000;
/** Another version of the same size. */
const changed = Buffer.from(song);
changed[song.length - 10]! ^= 1;
const V1 = { etag: '"v1"' };
const DATE = "Tue, 30 Dec 2025 18:36:00 GMT";
const rangeOf = (headers: Record<string, string>) => Number(/bytes=(\d+)-/.exec(headers["range"] ?? "")?.[1] ?? 0);
const md5 = (bytes: Buffer) => createHash("md5").update(bytes).digest("base64");
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

function partial(body: Buffer, from: number, headers: Record<string, string>, range?: string): Buffer {
  const rest = body.subarray(from);
  const contentRange = range ?? `bytes ${from}-${body.length - 1}/${body.length}`;
  return answer(
    "206 Partial Content",
    { "content-length": String(rest.length), "content-range": contentRange, ...headers },
    rest,
  );
}

function editNotes(root: string, changes: object): void {
  const path = join(root, `1d/${ID}.audio.part.json`);
  writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, "utf8")) as object), ...changes }));
}

/** Sends a half first, then whatever `then` says. */
function halfThen(first: Record<string, string>, then: (request: RawRequest) => Buffer): RawReply {
  let count = 0;
  return (socket, request) => {
    if (count++ > 0) return void socket.write(then(request));
    socket.end(answer("200 OK", { "content-length": String(song.length), ...first }, song.subarray(0, HALF)));
  };
}

describe("a part from an earlier attempt", () => {
  test("E75: is resumed, and the whole file is checked", async () => {
    const hash = { "x-goog-hash": `md5=${md5(song)}` };
    await using server = await startRawServer(
      halfThen({ ...V1, ...hash, "content-type": "audio/mp4" }, () => partial(song, HALF, V1)),
    );
    await using my = await setUp();
    expect(await my.fail(`${server.origin}/a`)).toMatchObject({ code: "cut" });
    expect(await my.files()).toEqual([`1d/${ID}.audio.part`, `1d/${ID}.audio.part.json`]);
    expect(statSync(join(my.root, `1d/${ID}.audio.part`)).mode & 0o777).toBe(0o600);
    const found = await my.get(`${server.origin}/a`);
    expect(found).toMatchObject({
      sha256: sha256(song),
      proof: "md5 length boxes",
      contentType: "audio/mp4",
      etag: '"v1"',
      httpStatus: 206,
    });
    expect(server.requests[1]?.headers).toMatchObject({ range: `bytes=${HALF}-`, "if-range": '"v1"' });
    expect(await my.files()).toEqual([`1d/${ID}.m4a`]);
  });

  test("E75: is resumed by its date when there is no ETag", async () => {
    const date = { "last-modified": "Tue, 30 Dec 2025 18:36:00 GMT" };
    await using server = await startRawServer(halfThen(date, () => partial(song, HALF, date)));
    await using my = await setUp();
    await my.fail(`${server.origin}/a`);
    expect((await my.get(`${server.origin}/a`)).sha256).toBe(sha256(song));
    expect(server.requests[1]?.headers["if-range"]).toBe(date["last-modified"]);
  });

  test.each([
    ["the range is ignored (200)", () => ok(song, V1), 2],
    ["the version changed (200 by If-Range)", () => ok(other, { etag: '"v2"' }), 2],
    [
      "the range starts elsewhere",
      ({ headers }: RawRequest) => (headers["range"] ? partial(song, HALF - 1, V1) : ok(song, V1)),
      3,
    ],
    [
      "the range has another total",
      ({ headers }: RawRequest) =>
        headers["range"] ? partial(song, HALF, V1, `bytes ${HALF}-${song.length - 1}/99999`) : ok(song, V1),
      3,
    ],
    [
      "the range ends early",
      ({ headers }: RawRequest) =>
        headers["range"]
          ? partial(song.subarray(0, 3000), HALF, V1, `bytes ${HALF}-2999/${song.length}`)
          : ok(song, V1),
      3,
    ],
    [
      "there is no Content-Range",
      ({ headers }: RawRequest) => (headers["range"] ? partial(song, HALF, V1, "none") : ok(song, V1)),
      3,
    ],
    [
      "the 206 is of another version",
      ({ headers }: RawRequest) =>
        headers["range"] ? partial(other, HALF, { etag: '"v2"' }) : ok(other, { etag: '"v2"' }),
      3,
    ],
    [
      "the 206 does not say of which version it is",
      ({ headers }: RawRequest) => (headers["range"] ? partial(changed, HALF, {}) : ok(changed, { etag: '"v2"' })),
      3,
    ],
    [
      "the ETag of the 206 is weak",
      ({ headers }: RawRequest) => (headers["range"] ? partial(changed, HALF, { etag: 'W/"v1"' }) : ok(changed)),
      3,
    ],
    [
      "the range is refused (400)",
      ({ headers }: RawRequest) => (headers["range"] ? answer("400 Bad Request", { "content-length": "0" }) : ok(song)),
      3,
    ],
    [
      "the range is refused (403 with words about the address)",
      ({ headers }: RawRequest) =>
        headers["range"] ? answer("403 Forbidden", { "content-length": "12" }, "AccessDenied") : ok(song),
      3,
    ],
    [
      "there is nothing at a range (404)",
      ({ headers }: RawRequest) => (headers["range"] ? answer("404 Not Found", { "content-length": "0" }) : ok(song)),
      3,
    ],
    [
      "ranges are not implemented (501)",
      ({ headers }: RawRequest) => (headers["range"] ? answer("501 No", { "content-length": "0" }) : ok(song)),
      3,
    ],
    [
      "416 without a size",
      ({ headers }: RawRequest) =>
        headers["range"] ? answer("416 Range Not Satisfiable", { "content-length": "0" }) : ok(song, V1),
      3,
    ],
    [
      "416 with another size",
      ({ headers }: RawRequest) =>
        headers["range"]
          ? answer("416 Range Not Satisfiable", { "content-range": "bytes */7", "content-length": "0" })
          : ok(song, V1),
      3,
    ],
  ] as const)("E75: is dropped when %s", async (_name, then, requests) => {
    await using server = await startRawServer(halfThen(V1, then));
    await using my = await setUp();
    await my.fail(`${server.origin}/a`);
    const found = await my.get(`${server.origin}/a`);
    expect([song, other, changed].map(sha256)).toContain(found.sha256);
    expect(found.httpStatus).toBe(200);
    expect(server.requests).toHaveLength(requests);
    expect(await my.files()).toEqual([`1d/${ID}.m4a`]);
  });

  test("E75: that is complete already (416) is checked and kept", async () => {
    await using server = await startRawServer(
      halfThen(V1, () =>
        answer("416 Range Not Satisfiable", { "content-range": `bytes */${song.length}`, "content-length": "0" }),
      ),
    );
    await using my = await setUp();
    await my.fail(`${server.origin}/a`);
    writeFileSync(join(my.root, `1d/${ID}.audio.part`), song);
    editNotes(my.root, { bytes: song.length });
    expect(await my.get(`${server.origin}/a`)).toMatchObject({ sha256: sha256(song), proof: "length boxes" });
  });

  test("a range that is never answered, or with 500, is given up after three attempts", async () => {
    for (const answered of [true, false]) {
      await using server = await startRawServer(
        halfThen(V1, ({ headers }) => {
          if (!headers["range"]) return ok(song, V1);
          return answered ? answer("500 Oops", { "content-length": "0" }) : Buffer.from("HTTP/1.1 200");
        }),
      );
      await using my = await setUp({ idleTimeoutSeconds: 0.1 });
      for (let attempt = 0; attempt < 4; attempt++) await my.fail(`${server.origin}/a`);
      expect((await my.get(`${server.origin}/a`)).sha256).toBe(sha256(song));
      expect(server.requests.map(({ headers }) => "range" in headers)).toEqual([false, true, true, true, false]);
    }
  });

  test("what was not flushed is not trusted: zeros behind the flushed bytes are written again", async () => {
    await using server = await startRawServer(halfThen(V1, ({ headers }) => partial(song, rangeOf(headers), V1)));
    await using my = await setUp();
    await my.fail(`${server.origin}/a`);
    const part = join(my.root, `1d/${ID}.audio.part`);
    writeFileSync(part, Buffer.concat([readFileSync(part), Buffer.alloc(500)]));
    expect((await my.get(`${server.origin}/a`)).sha256).toBe(sha256(song));
    expect(server.requests[1]?.headers["range"]).toBe(`bytes=${HALF}-`);
  });

  test("that is shorter than what was flushed is dropped", async () => {
    await using server = await startRawServer(halfThen(V1, () => ok(song, V1)));
    await using my = await setUp();
    await my.fail(`${server.origin}/a`);
    writeFileSync(join(my.root, `1d/${ID}.audio.part`), song.subarray(0, HALF - 1));
    expect((await my.get(`${server.origin}/a`)).sha256).toBe(sha256(song));
    expect(server.requests[1]?.headers["range"]).toBeUndefined();
  });

  test("of a large file is resumed where it was last flushed, also after a kill", async () => {
    const big = bigM4a(40_000_000);
    await using server = await startRawServer((socket, { headers }) => {
      const from = rangeOf(headers);
      if (from > 0) return void socket.write(partial(big, from, V1));
      socket.write(answer("200 OK", { "content-length": String(big.length), ...V1 }, big.subarray(0, 39_000_000)));
    });
    await using my = await setUp();
    const want = { url: `${server.origin}/a`, kind: "audio", id: ID, durationSeconds: null } as const;
    const notes = join(my.root, `1d/${ID}.audio.part.json`);
    const abort = new AbortController();
    const first = my.downloader.download(want, abort.signal).catch(() => undefined);
    await vi.waitFor(() => expect(readFileSync(notes, "utf8")).toContain(`"bytes":`), 10_000);
    const atFlush = readFileSync(notes);
    abort.abort(new Error("killed"));
    await first;
    writeFileSync(notes, atFlush);
    expect((await my.get(want.url)).sha256).toBe(sha256(big));
    expect(rangeOf(server.requests[1]!.headers)).toBe((JSON.parse(atFlush.toString()) as { bytes: number }).bytes);
  });

  test.each([
    ["a weak ETag", { etag: 'W/"v1"' }],
    ["nothing to tell versions apart by", {}],
    ["a date of the second in which it was sent", { "last-modified": DATE, date: DATE }],
  ])("E75: with %s is not kept", async (_name, headers) => {
    await using server = await startRawServer(halfThen(headers, () => ok(song)));
    await using my = await setUp();
    await my.fail(`${server.origin}/a`);
    expect(await my.files()).toEqual([]);
    await my.get(`${server.origin}/a`);
    expect(server.requests[1]?.headers["range"]).toBeUndefined();
  });

  test("E75: with a wrong first half is found by the check of the whole file, removed, and downloaded again", async () => {
    const hash = { "x-goog-hash": `md5=${md5(song)}` };
    await using server = await startRawServer(
      halfThen({ ...V1, ...hash }, ({ headers }) => (headers["range"] ? partial(song, HALF, V1) : ok(song, V1))),
    );
    await using my = await setUp();
    await my.fail(`${server.origin}/a`);
    const part = join(my.root, `1d/${ID}.audio.part`);
    const bytes = readFileSync(part);
    bytes[1900] = bytes[1900]! ^ 1;
    writeFileSync(part, bytes);
    expect(await my.fail(`${server.origin}/a`)).toMatchObject({ code: "hash_mismatch", followUp: "retry" });
    expect(existsSync(part)).toBe(false);
    expect((await my.get(`${server.origin}/a`)).sha256).toBe(sha256(song));
  });

  test.each(["{", "[]", "null", '{"url":1}', '{"url":"x","facts":null}'])(
    "with notes that are damaged (%s) is dropped",
    async (notes) => {
      await using server = await startRawServer(halfThen(V1, () => ok(song, V1)));
      await using my = await setUp();
      await my.fail(`${server.origin}/a`);
      writeFileSync(join(my.root, `1d/${ID}.audio.part.json`), notes);
      expect((await my.get(`${server.origin}/a`)).sha256).toBe(sha256(song));
      expect(server.requests[1]?.headers["range"]).toBeUndefined();
      expect(await my.files()).toEqual([`1d/${ID}.m4a`]);
    },
  );

  test("of another URL is removed", async () => {
    await using server = await startRawServer(halfThen(V1, () => ok(song, V1)));
    await using my = await setUp();
    await my.fail(`${server.origin}/a`);
    await my.get(`${server.origin}/b`);
    expect(server.requests[1]?.headers["range"]).toBeUndefined();
  });

  test("survives a failure that does not concern it, and is resumed after an abort", async () => {
    const big = bigM4a(4_000_000);
    let step = 0;
    await using server = await startRawServer((socket, { headers }) => {
      step += 1;
      if (step === 1)
        socket.write(answer("200 OK", { "content-length": String(big.length), ...V1 }, big.subarray(0, 2_500_000)));
      if (step === 2) socket.write(answer("503 Busy", { "content-length": "0" }));
      if (step === 3) socket.write(partial(big, Number(/\d+/.exec(headers["range"] ?? "")?.[0]), V1));
    });
    const abort = new AbortController();
    let arrived = 0;
    const onBytes = (count: number) => {
      arrived += count;
      if (arrived === 2_500_000) setImmediate(() => abort.abort(new Error("stopped")));
    };
    await using my = await setUp({ onBytes });
    const want = { url: `${server.origin}/a`, kind: "audio", id: ID, durationSeconds: null } as const;
    await expect(my.downloader.download(want, abort.signal)).rejects.toThrow("stopped");
    expect(await my.fail(want.url)).toMatchObject({ httpStatus: 503 });
    expect((await my.get(want.url)).sha256).toBe(sha256(big));
    expect(server.requests[2]?.headers["range"]).toBe("bytes=2500000-");
  });
});
