import { Readable } from "node:stream";
import { describe, expect, it, test } from "vitest";
import { bytesOf, conclude } from "../../../src/assets/download/conclude.ts";
import { createByteCheck, durationNote } from "../../../src/assets/download/check-bytes.ts";
import { httpFailure } from "../../../src/assets/download/http-failure.ts";
import type { AssetResponse } from "../../../src/assets/download/request.ts";
import {
  isOtherVersion,
  isSameVersion,
  mergeFacts,
  readFacts,
  readRange,
  validatorOf,
  type ResponseFacts,
} from "../../../src/assets/download/response.ts";
import { ID, media } from "./setup.ts";

const CHANGED = "Tue, 30 Dec 2025 18:36:00 GMT";
const LATER = "Tue, 30 Dec 2025 18:36:01 GMT";
const facts = (more: Partial<ResponseFacts> = {}): ResponseFacts => ({ ...readFacts(200, {}, 0), ...more });
const dated = (date: string, lastModified: string) => facts({ date: Date.parse(date), lastModified });

describe("which bytes a response brings", () => {
  /** 100 of 200 bytes are here, of the version `v1`. */
  const resume = { bytes: 100, facts: facts({ totalBytes: 200, etag: '"v1"' }) };
  const unsized = { bytes: 100, facts: facts({ etag: '"v1"' }) };
  const part = (range: string, etag = '"v1"') => ({ "content-range": range, etag });

  test.each([
    [200, {}, "whole"],
    [203, {}, "whole"],
    [206, part("bytes 0-199/200"), "whole"],
    [206, part("bytes 0-198/200"), "refused"],
    [206, part("bytes 0-199/*"), "refused"],
    [200.5, part("bytes 0-199/200"), "refused"],
    [206, part("bytes 100-199/200"), "rest"],
    [206, part("bytes 100-199/*"), "rest"],
    [206, part("bytes 100-198/200"), "refused"],
    [206, part("bytes 100-198/*"), "refused"],
    [206, part("bytes 99-199/200"), "refused"],
    [206, part("bytes 100-200/201"), "refused"],
    [206, part("bytes */200"), "refused"],
    [206, part("bytes 100-199/200", '"v2"'), "refused"],
    [206, {}, "refused"],
    [207, part("bytes 100-199/200"), "refused"],
    [416, { "content-range": "bytes */100" }, "none left"],
    [416, { "content-range": "bytes */200" }, "refused"],
    [416, { "content-range": "bytes */100", etag: '"v2"' }, "refused"],
    [416, {}, "refused"],
    [404, {}, "refused"],
  ])("%s %o: %s", (status, headers, bytes) => expect(bytesOf(status, headers, resume)).toBe(bytes));

  it("of a file whose size nobody stated is the rest where that states it, or goes to the end", () => {
    expect(bytesOf(206, part("bytes 100-149/150"), unsized)).toBe("rest");
    expect(bytesOf(206, part("bytes 100-148/150"), unsized)).toBe("refused");
    expect(bytesOf(206, part("bytes 100-149/*"), unsized)).toBe("refused");
  });

  it("to a request for the whole file is that or nothing", () => {
    expect(bytesOf(206, part("bytes 100-199/200"), null)).toBe("refused");
    expect(bytesOf(416, { "content-range": "bytes */100" }, null)).toBe("refused");
    expect(bytesOf(206, part("bytes 0-199/200"), null)).toBe("whole");
  });
});

describe("the version of a file", () => {
  const [one, two, weak] = ['"1"', '"2"', 'W/"1"'].map((etag) => facts({ etag }));
  const bare = facts();
  const strong = dated(LATER, CHANGED);
  const young = dated(CHANGED, CHANGED);

  test.each<[string, ResponseFacts, ResponseFacts, same: boolean, other: boolean]>([
    ["the same strong ETag", one!, one!, true, false],
    ["another ETag", two!, one!, false, true],
    ["the same weak ETag", weak!, weak!, false, false],
    ["a strong and a weak one", one!, weak!, false, true],
    ["an ETag once", bare, one!, false, false],
    ["the same old date", strong, strong, true, false],
    ["another date", dated(LATER, LATER), strong, false, true],
    ["the same date, within its second", young, young, false, false],
    ["a date once", bare, strong, false, false],
    ["no date any more", strong, bare, false, false],
    ["nothing", bare, bare, false, false],
    ["an ETag once, and the same date", { ...strong, etag: '"1"' }, strong, true, false],
    [
      "the same ETag, and another date",
      { ...dated(LATER, LATER), etag: '"1"' },
      { ...strong, etag: '"1"' },
      true,
      false,
    ],
    ["another ETag, and the same date", { ...strong, etag: '"2"' }, { ...strong, etag: '"1"' }, false, true],
  ])("%s", (_what, later, earlier, same, other) => {
    expect([isSameVersion(later, earlier), isOtherVersion(later, earlier)]).toEqual([same, other]);
  });

  it("is asked for by its ETag, else by a date of a second before or longer; never of coded bytes", () => {
    expect(validatorOf(facts({ etag: '"1"', lastModified: CHANGED, date: Date.parse(LATER) }))).toBe('"1"');
    expect(validatorOf(strong)).toBe(CHANGED);
    for (const none of [weak!, young, bare, facts({ etag: '"1"', coding: "gzip" }), { ...strong, etag: 'W/"1"' }])
      expect(validatorOf(none)).toBeNull();
    for (const etag of ['"a"b"', '"a', 'a"', 'x"a"', '"a"x', ""]) expect(validatorOf(facts({ etag }))).toBeNull();
    expect(validatorOf(facts({ etag: '""' }))).toBe('""');
  });
});

describe("the facts of a response", () => {
  it("are its size, type, version, date and coding", () => {
    const headers = {
      "content-length": "7",
      "content-range": "bytes 1-2/9",
      "content-type": "audio/mp4",
      etag: '"1"',
      "last-modified": CHANGED,
      date: LATER,
    };
    const rest = {
      contentType: "audio/mp4",
      etag: '"1"',
      lastModified: CHANGED,
      date: Date.parse(LATER),
      coding: null,
    };
    expect(readFacts(200, headers, 5)).toMatchObject({ totalBytes: 7, ...rest });
    expect(readFacts(206, headers, 5)).toMatchObject({ totalBytes: 9, ...rest });
    expect(readFacts(416, headers, 5)).toMatchObject({ totalBytes: 9, ...rest });
    expect(readFacts(200, { date: "soon" }, 5)).toMatchObject({ totalBytes: null, date: 5, etag: null });
  });

  test.each([
    ["gzip", "gzip"],
    ["identity, X-GZIP", "identity, X-GZIP"],
    ["utf-8", null],
    ["aws-chunked", null],
    [`br,${"x".repeat(99)}`, `br,${"x".repeat(57)}`],
  ])("content-encoding %j is the coding %j", (value, coding) => {
    expect(readFacts(200, { "content-encoding": value }).coding).toBe(coding);
  });

  test.each([
    ["bytes 1-2/3", { start: 1, end: 2, total: 3 }],
    [" BYTES 1-2/3 ", { start: 1, end: 2, total: 3 }],
    ["bytes 1-2/*", { start: 1, end: 2, total: null }],
    ["bytes */3", { start: null, end: null, total: 3 }],
    ["xbytes 1-2/3", { start: null, end: null, total: null }],
    ["bytes 1-2/3x", { start: null, end: null, total: null }],
    ["bytes 1-2", { start: null, end: null, total: null }],
    [undefined, { start: null, end: null, total: null }],
  ])("content-range %j", (value, range) => expect(readRange({ "content-range": value })).toEqual(range));

  it("of a part complete those of the whole file, and its date is that of the first", () => {
    const [md5, hint] = [false, true].map((isHint) => ({ algorithm: "md5" as const, hex: "00", isHint }));
    const first = facts({ totalBytes: 9, contentType: "a/b", etag: '"1"', lastModified: CHANGED, date: 1 });
    const empty = facts({ date: 2 });
    expect(mergeFacts(empty, first)).toEqual(first);
    expect(mergeFacts({ ...first, date: 2 }, facts({ date: 1 }))).toEqual(first);
    const other = facts({ totalBytes: 8, contentType: "c/d", etag: '"2"', lastModified: LATER, coding: "br", date: 2 });
    expect(mergeFacts(other, { ...first, coding: "gzip" })).toEqual({ ...other, date: 1 });
    expect(mergeFacts(empty, { ...first, coding: "gzip" }).coding).toBe("gzip");
    const stated = facts({ digests: [md5!], unreadable: ["x"] });
    expect(mergeFacts(facts({ digests: [hint!] }), stated)).toMatchObject({ digests: [md5], unreadable: ["x"] });
    expect(mergeFacts(stated, facts({ digests: [hint!] }))).toMatchObject({ digests: [md5], unreadable: ["x"] });
    expect(mergeFacts(facts({ digests: [hint!, md5!] }), facts())).toMatchObject({ digests: [hint, md5] });
  });
});

describe("a response without the file", () => {
  const failure = (statusCode: number, headers: Record<string, string>, body: string | Readable, asked = "whole") =>
    httpFailure(
      {
        statusCode,
        headers,
        body: typeof body === "string" ? Readable.from([Buffer.from(body)]) : body,
      } as AssetResponse,
      "a.example",
      asked as "whole",
    );

  it("is named with its host, its status and the beginning of its body", async () => {
    expect(await failure(500, {}, "out of order")).toMatchObject({
      code: "http",
      message: 'a.example answered 500: "out of order"',
      httpStatus: 500,
      followUp: "retry",
      retryAfterSeconds: null,
      isUnreachable: false,
    });
    expect((await failure(404, {}, ""))?.message).toBe("a.example answered 404");
  });

  it("of something in front of the host is named by that, and says nothing of the host", async () => {
    const page = "<!DOCTYPE html><title>Just a moment...</title>";
    const error = await failure(403, { server: "cloudflare" }, page);
    expect(error).toMatchObject({ code: "in_front", httpStatus: 403, followUp: "never", isUnreachable: true });
    expect(error?.message).toMatch(/^Cloudflare.* answered 403 in place of a\.example: "/);
  });

  it("waits only where that is asked for", async () => {
    expect(await failure(429, { "retry-after": "7" }, "")).toMatchObject({ followUp: "pause", retryAfterSeconds: 7 });
    expect(await failure(500, { "retry-after": "7" }, "")).toMatchObject({
      followUp: "retry",
      retryAfterSeconds: null,
    });
    expect(await failure(404, {}, "", "part")).toBeNull();
  });

  it("is read as far as it says anything, also when it breaks off", async () => {
    let sent = 0;
    const endless = new Readable({
      read() {
        sent += 4096;
        this.push(Buffer.alloc(4096, "x"));
      },
    });
    expect((await failure(500, {}, endless))?.message).toContain("xxx");
    expect([endless.destroyed, sent > 16_384, sent < 200_000]).toEqual([true, true, true]);
    const broken = Readable.from(
      (function* () {
        yield Buffer.from("the beginning");
        throw new Error("reset");
      })(),
    );
    expect((await failure(500, {}, broken))?.message).toBe('a.example answered 500: "the beginning"');
    const late = Readable.from([..."x".repeat(16)].map((_, n) => Buffer.alloc(1024, n === 15 ? "ExpiredToken" : " ")));
    expect(await failure(400, {}, late)).toMatchObject({ followUp: "address" });
  });

  test.each([
    [500, "the signature is wrong", "retry"],
    [399, "the signature is wrong", "retry"],
    [400, "the signature is wrong", "address"],
    [499, "the signature is wrong", "address"],
    [409, "", "retry"],
    [499, "", "never"],
    [501, "", "retry"],
  ])("%s %j: %s", (status, head, followUp) => expect(conclude(status, {}, head, "whole")).toMatchObject({ followUp }));

  test.each([408, 425, 500, 599])("%s to a request for a part is that of any request", (status) =>
    expect(conclude(status, {}, "", "part")).toMatchObject({ about: "request", followUp: "retry" }),
  );
  test.each([409, 501, 302])("%s to a request for a part is about that", (status) =>
    expect(conclude(status, {}, "", "part")).toEqual({ about: "range" }),
  );
});

describe("bytes that are not the file", () => {
  const WANT = { url: "https://x/a.m4a", kind: "audio", id: ID, durationSeconds: null } as const;
  const song = media("faststart.m4a");
  const md5 = (hex: string) => ({ algorithm: "md5" as const, hex, isHint: false });
  const check = (bytes: Buffer, more: Partial<ResponseFacts> = {}, cap = 1e6) => {
    try {
      const one = createByteCheck(WANT, facts(more), cap);
      one.expect(more.totalBytes ?? null);
      one.update(bytes);
      return one.finish(200);
    } catch (error) {
      const { code, message, httpStatus, followUp } = error as Record<string, unknown>;
      return { code, message, httpStatus, followUp };
    }
  };

  it("are cut, of another digest, too many, or none of the kind", () => {
    expect(check(song, { totalBytes: song.length + 1 })).toEqual({
      code: "cut",
      message: `${song.length} of ${song.length + 1} bytes arrived`,
      httpStatus: 200,
      followUp: "retry",
    });
    expect(check(song, { digests: [md5("00")] })).toMatchObject({
      code: "hash_mismatch",
      message: expect.stringMatching(/^the md5 of the bytes is [0-9a-f]{32}, the server says 00$/),
      httpStatus: 200,
    });
    const tooLarge = {
      code: "too_large",
      message: `too large: ${song.length} bytes, at most 100 are accepted for audio`,
      followUp: "never",
    };
    expect(check(song, {}, 100)).toMatchObject(tooLarge);
    expect(check(song, { totalBytes: song.length }, 100)).toMatchObject(tooLarge);
    expect(check(Buffer.alloc(0), { totalBytes: 101 }, 100)).toMatchObject({ code: "too_large" });
    expect(check(Buffer.from("x"), {}, 1)).toMatchObject({ code: "bad_bytes", httpStatus: 200 });
    expect(check(song.subarray(0, -50))).toMatchObject({
      code: "bad_bytes",
      message: expect.stringMatching(/cut short/),
      httpStatus: 200,
    });
  });

  it("are named as coded, where the headers say so and they are nothing of the kind", () => {
    expect(check(Buffer.alloc(600, "x"), { coding: "gzip" })).toMatchObject({
      code: "encoding",
      message: "x sent the file in an encoding that was not requested (gzip)",
    });
    expect(check(Buffer.from("x"), { coding: "gzip" })).toMatchObject({ code: "encoding", httpStatus: 200 });
    expect(check(song.subarray(0, -50), { coding: "gzip" })).toMatchObject({ code: "bad_bytes" });
  });

  it("of an odd structure are refused at once, unless a digest may prove them; never what is nothing of the kind", () => {
    const page = Buffer.from(`<html>${"x".repeat(600)}`);
    for (const digests of [[], [md5("00")]]) expect(check(page, { digests })).toMatchObject({ code: "bad_bytes" });
    const odd = Buffer.concat([song, Buffer.from("\0\0\0\x04junk"), Buffer.alloc(99)]);
    expect(check(odd)).toMatchObject({ code: "bad_bytes" });
    expect(check(odd, { digests: [md5("00")] })).toMatchObject({ code: "hash_mismatch" });
  });

  it("are refused as they come, not when all are here", () => {
    const early = (bytes: Buffer, more: Partial<ResponseFacts> = {}) => {
      const one = createByteCheck(WANT, facts(more), 1e6);
      return () => one.update(bytes);
    };
    const page = Buffer.from(`<html>${"x".repeat(600)}`);
    const odd = Buffer.concat([song, Buffer.from("\0\0\0\x04junk"), Buffer.alloc(99)]);
    expect(early(page)).toThrow(/HTML page/);
    expect(early(page, { digests: [md5("00")] })).toThrow(/HTML page/);
    expect(early(odd)).toThrow(/impossible size/);
    expect(early(odd, { digests: [md5("00")] })).not.toThrow();
  });

  it("a length that differs from the record's is remarked from 2 s and 5 % on", () => {
    for (const [record, file] of [
      [null, 5],
      [5, null],
      [10, 12],
      [10, 8],
      [100, 105],
      [100, 95],
    ] as const)
      expect(durationNote(record, file)).toBeNull();
    expect(durationNote(10, 12.01)).toBe("duration_mismatch: the file has 12.0 s, the record says 10.0 s");
    expect(durationNote(100, 94.9)).toContain("the file has 94.9 s");
  });
});
