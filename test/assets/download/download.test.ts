import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { DiskError } from "../../../src/lib/errors.ts";
import { answer, ok, startRawServer } from "./raw-server.ts";
import { bigM4a, ID, media, setUp } from "./setup.ts";

const song = media("faststart.m4a");
const REFUSED = `1d/${ID}.audio.bad.part`;
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

describe("a good file", () => {
  test("is stored under the clip's name with its digest, proof and duration", async () => {
    const md5 = createHash("md5").update(song).digest("base64");
    const headers = {
      "content-type": "audio/mp4",
      etag: '"v1"',
      "last-modified": "Tue, 30 Dec 2025 18:36:00 GMT",
      "x-goog-hash": `md5=${md5}`,
    };
    await using server = await startRawServer((socket) => void socket.write(ok(song, headers)));
    await using my = await setUp();
    const found = await my.get(`${server.origin}/a.m4a`, { durationSeconds: 1.3 });
    expect(found).toEqual({
      path: `1d/${ID}.m4a`,
      bytes: song.length,
      sha256: sha256(song),
      contentType: "audio/mp4",
      etag: '"v1"',
      lastModified: "Tue, 30 Dec 2025 18:36:00 GMT",
      durationSeconds: 1.2,
      proof: "md5 length boxes",
      note: null,
      httpStatus: 200,
    });
    expect(readFileSync(join(my.root, found.path))).toEqual(song);
    expect(await my.files()).toEqual([found.path]);
  });

  test("of several megabytes arrives whole, and a connection is used again", async () => {
    const big = bigM4a(5_000_000);
    await using server = await startRawServer((socket) => void socket.write(ok(big)));
    await using my = await setUp();
    for (const id of ["a", "b", "c"]) expect((await my.get(`${server.origin}/x`, { id })).sha256).toBe(sha256(big));
    expect(server.connections()).toBe(1);
  });

  test.each([
    ["song.mp3", "audio", "mp3"],
    ["sound.wav", "audio", "audio.wav"],
    ["sound.wav", "wav", "wav"],
    ["cover.png", "image", "png"],
    ["cover.webp", "image", "webp"],
    ["progressive.jpg", "image", "jpg"],
    ["clip.mp4", "video", "mp4"],
    ["stems.zip", "stems", "zip"],
  ] as const)("E73: %s as %s gets the ending .%s by its bytes, not by its URL", async (name, kind, ending) => {
    await using server = await startRawServer((socket) => void socket.write(ok(media(name))));
    await using my = await setUp();
    expect((await my.get(`${server.origin}/x.m4a.exe?x=/../y.desktop`, { kind })).path).toBe(`1d/${ID}.${ending}`);
  });

  test("E82: a duration that differs by more than 2 s and 5 % is noted", async () => {
    await using server = await startRawServer((socket) => void socket.write(ok(song)));
    await using my = await setUp();
    expect((await my.get(`${server.origin}/a`, { durationSeconds: 135 })).note).toMatch(
      /^duration_mismatch: the file has 1\.2 s, the record says 135\.0 s/,
    );
  });

  test("F92: no request carries a credential, with a redirect or without", async () => {
    await using server = await startRawServer((socket, { path }) => {
      socket.write(
        path === "/r" ? answer("302 Found", { location: "/a", "set-cookie": "s=1", "content-length": "0" }) : ok(song),
      );
    });
    await using my = await setUp();
    for (let index = 0; index < 50; index++)
      await my.get(`${server.origin}/${index % 2 === 0 ? "r" : "a"}`, { id: `clip ${index}` });
    expect(server.requests).toHaveLength(75);
    for (const { headers } of server.requests) {
      expect(Object.keys(headers).sort()).toEqual(["accept", "accept-encoding", "connection", "host", "user-agent"]);
      expect(headers["accept-encoding"]).toBe("identity");
      expect(headers["user-agent"]).toBe("producer-mirror/test");
    }
  });
});

describe("a body that is not what it should be", () => {
  const cut = song.subarray(0, Math.floor(song.length * 0.6));
  const length = { "content-length": String(song.length) };

  test.each([
    ["E64: shorter than Content-Length, then closed", answer("200 OK", length, cut), true, "cut"],
    ["E66: without a length, cut and closed", answer("200 OK", { connection: "close" }, cut), true, "bad_bytes"],
    [
      "E66: HTTP/1.0, cut",
      Buffer.from(`HTTP/1.0 200 OK\r\n\r\n${cut.toString("latin1")}`, "latin1"),
      true,
      "bad_bytes",
    ],
    ["E67: chunked without the last chunk", chunked(song, false), true, "cut"],
    [
      "E68: gzip that nobody asked for, cut",
      ok(gzipSync(song).subarray(0, 900), { "content-encoding": "gzip" }),
      true,
      "encoding",
    ],
    [
      "E69: a bomb of gzip",
      ok(gzipSync(Buffer.alloc(10_000_000)), { "content-encoding": "gzip, gzip, br" }),
      true,
      "encoding",
    ],
    [
      "E70: an HTML error page as audio/mp4",
      ok("<html><body>Sign in</body></html>", { "content-type": "audio/mp4" }),
      false,
      "bad_bytes",
    ],
    ["E70: XML", ok("<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>"), false, "bad_bytes"],
    ["E71: nothing", ok(""), false, "bad_bytes"],
    ["E71: 204", answer("204 No Content", {}), false, "http"],
    ["E71: 202", answer("202 Accepted", { "content-length": "0" }), false, "http"],
    [
      "E72: a file that is itself cut, with a right length",
      ok(song.subarray(0, Math.floor(song.length * 0.43))),
      false,
      "bad_bytes",
    ],
    ["E74: an HLS playlist", ok("#EXTM3U\n#EXT-X-VERSION:3\nfile:///etc/passwd\n"), false, "bad_bytes"],
    [
      "206 with a part that nobody asked for",
      answer(
        "206 Partial Content",
        { ...length, "content-range": `bytes 0-${song.length - 1}/${song.length + 1}` },
        song,
      ),
      false,
      "http",
    ],
    ["206 that does not say which part it is", answer("206 Partial Content", length, song), false, "http"],
  ] as const)("%s", async (name, reply, close, code) => {
    await using server = await startRawServer((socket) => void (close ? socket.end(reply) : socket.write(reply)));
    await using my = await setUp();
    const error = await my.fail(`${server.origin}/a`);
    expect(error).toMatchObject({ name: "AssetError", code, followUp: "retry" });
    expect(error.message).not.toMatch(/[^\x20-\x7e]/);
    expect(await my.files()).toEqual(code === "bad_bytes" && name !== "E71: nothing" ? [REFUSED] : []);
  });

  test.each([
    "HTTP/1.1 200 OK\r\nbad header\x02: x\r\n\r\n",
    "SSH-2.0-OpenSSH_9.2\r\n",
    "\r\n\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcdef",
  ])("an answer that is no HTTP (%j) is the network's failure", async (reply) => {
    await using server = await startRawServer((socket) => void socket.end(reply));
    await using my = await setUp({ idleTimeoutSeconds: 1 });
    expect(await my.fail(`${server.origin}/a`)).toMatchObject({
      name: "AssetError",
      code: "network",
      followUp: "retry",
    });
  });

  test("an unreachable host is a failure of the network", async () => {
    const server = await startRawServer(() => undefined);
    await server[Symbol.asyncDispose]();
    await using my = await setUp();
    expect(await my.fail(`${server.origin}/a`)).toMatchObject({
      code: "network",
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  test("E64: reset in the middle", async () => {
    await using server = await startRawServer((socket) => {
      socket.write(answer("200 OK", length, cut), () => setTimeout(() => socket.resetAndDestroy(), 20));
    });
    await using my = await setUp();
    expect(await my.fail(`${server.origin}/a`)).toMatchObject({ code: "cut", followUp: "retry" });
    expect(await my.files()).toEqual([]);
  });

  test("E65: more bytes than Content-Length: the stated ones count only when they are a whole file", async () => {
    const short = answer("200 OK", { "content-length": String(cut.length) }, song);
    const long = answer("200 OK", length, Buffer.concat([song, Buffer.alloc(4000, 65)]));
    await using server = await startRawServer((socket, { path }) => void socket.end(path === "/short" ? short : long));
    await using my = await setUp();
    expect(await my.fail(`${server.origin}/short`)).toMatchObject({ code: "bad_bytes" });
    expect(await my.get(`${server.origin}/long`)).toMatchObject({ bytes: song.length, sha256: sha256(song) });
    expect(await my.files()).toEqual([`1d/${ID}.m4a`]);
  });

  test("E70: the message holds the beginning of the body as safe text", async () => {
    await using server = await startRawServer((socket) => void socket.write(ok("<html>\u001b[2J\u202eAccess denied")));
    await using my = await setUp();
    const error = await my.fail(`${server.origin}/a`);
    expect(error.message).toBe(
      `not an MP4, MP3 or WAV but an HTML page (starts with "<html>\\x1b[2J\\xe2\\x80\\xaeAccess denied"); kept for inspection as ${REFUSED}`,
    );
  });

  test.each([
    ["404 Not Found", {}, "miss", null],
    ["403 Forbidden", {}, "miss", null],
    ["410 Gone", {}, "miss", null],
    ["429 Too Many Requests", { "retry-after": "7" }, "pause", 7],
    ["429 Too Many Requests", {}, "pause", null],
    ["503 Service Unavailable", { "retry-after": "0" }, "pause", 0],
    ["503 Service Unavailable", {}, "retry", null],
    ["500 Internal Server Error", {}, "retry", null],
    ["400 Bad Request", {}, "never", null],
  ] as const)("E78: %s %o has the follow-up %s", async (status, headers, followUp, retryAfterSeconds) => {
    await using server = await startRawServer(
      (socket) => void socket.write(answer(status, { "content-length": "4", ...headers }, "oh\x1bo")),
    );
    await using my = await setUp();
    const error = await my.fail(`${server.origin}/a`);
    expect(error).toMatchObject({ code: "http", httpStatus: Number(status.slice(0, 3)), followUp, retryAfterSeconds });
    expect(error.message).toContain(`answered ${status.slice(0, 3)}: "oh\\x1bo"`);
  });

  test("E76: an endless body ends at the cap, and its part is removed", async () => {
    const endlessBox = Buffer.from([0, 0, 0, 0, ...Buffer.from("mdat")]);
    const start = Buffer.concat([bigM4a(300_000), endlessBox]);
    await using server = await startRawServer((socket) => {
      socket.write(answer("200 OK", { connection: "close" }, start));
      const more = setInterval(() => socket.writable && socket.write(Buffer.alloc(100_000)), 1);
      socket.on("close", () => clearInterval(more));
    });
    await using my = await setUp({ caps: { audio: 3_000_000 } });
    expect(await my.fail(`${server.origin}/a`)).toMatchObject({ code: "too_large", followUp: "never" });
    expect(await my.files()).toEqual([]);
  });

  test("E76: a length over the cap is refused before the body", async () => {
    await using server = await startRawServer(
      (socket) => void socket.write(answer("200 OK", { "content-length": "20000001" }, song)),
    );
    await using my = await setUp();
    expect(await my.fail(`${server.origin}/a`, { kind: "image" })).toMatchObject({ code: "too_large" });
  });

  test.each([
    ["no answer at all", () => undefined, /no byte/],
    ["E77: stalls after one half", (write: (chunk: Buffer) => void) => write(answer("200 OK", length, cut)), /no byte/],
  ])("%s: ends after the idle time", async (_name, begin, message) => {
    await using server = await startRawServer((socket) => begin((chunk) => void socket.write(chunk)));
    await using my = await setUp({ idleTimeoutSeconds: 0.2 });
    const error = await my.fail(`${server.origin}/a`);
    expect(error).toMatchObject({ code: "timeout", followUp: "retry" });
    expect(error.message).toMatch(message);
  });

  test("E77: a trickle ends, while another download goes on", async () => {
    await using server = await startRawServer((socket, { path }) => {
      if (path === "/good") return void setTimeout(() => socket.write(ok(song)), 100);
      socket.write(answer("200 OK", length, song.subarray(0, 10)));
      const drip = setInterval(() => socket.writable && socket.write(song.subarray(10, 11)), 20);
      socket.on("close", () => clearInterval(drip));
    });
    await using my = await setUp({ idleTimeoutSeconds: 0.25 });
    const [slow, good] = await Promise.all([
      my.fail(`${server.origin}/slow`, { id: "slow" }),
      my.get(`${server.origin}/good`),
    ]);
    expect(slow).toMatchObject({ code: "timeout" });
    expect(slow.message).toMatch(/below 1 KiB\/s for 0\.5 s/);
    expect(good.bytes).toBe(song.length);
  });

  test("an abort ends it at once with its own reason", async () => {
    await using server = await startRawServer((socket) => void socket.write(answer("200 OK", length, cut)));
    await using my = await setUp();
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("SIGTERM")), 50);
    const want = { url: `${server.origin}/a`, kind: "audio", id: ID, durationSeconds: null } as const;
    await expect(my.downloader.download(want, controller.signal)).rejects.toThrow("SIGTERM");
  });
});

test.each([
  [
    "a 206 with everything, to a plain GET",
    answer(
      "206 Partial Content",
      { "content-length": String(song.length), "content-range": `bytes 0-${song.length - 1}/${song.length}` },
      song,
    ),
  ],
  [
    "a 203, which some proxy has passed on",
    answer("203 Non-Authoritative Information", { "content-length": String(song.length) }, song),
  ],
  [
    "what comes after a 100 Continue and a 103",
    Buffer.concat([Buffer.from("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n"), ok(song)]),
  ],
  ["a word that is no encoding", ok(song, { "content-encoding": "UTF-8" })],
  ["several of them", ok(song, { "content-encoding": "aws-chunked, identity" })],
  ["gzip, although the bytes are plain", ok(song, { "content-encoding": "gzip" })],
])("%s is taken, by what length and structure prove", async (_name, reply) => {
  await using server = await startRawServer((socket) => void socket.write(reply));
  await using my = await setUp();
  expect(await my.get(`${server.origin}/a`)).toMatchObject({ sha256: sha256(song), proof: "length boxes", note: null });
  expect(server.requests).toHaveLength(1);
});

describe("a digest of the server that fits proves the bytes, and their structure only adds a note", () => {
  const jpg = media("cover.jpg");
  const avif = media("cover.avif");
  const odd = {
    "an m4a with bytes behind its last box": [
      Buffer.concat([song, Buffer.from("behind")]),
      "audio",
      "m4a",
      /bytes after the last box/,
    ],
    "an m4a that the store itself holds cut": [song.subarray(0, 3000), "audio", "m4a", /cut short/],
    "a JPEG without its end": [jpg.subarray(0, -2), "image", "jpg", /cut short/],
    "a JPEG with bytes between its segments": [
      Buffer.concat([jpg.subarray(0, 2), Buffer.from("xx"), jpg.subarray(2)]),
      "image",
      "jpg",
      /no marker/,
    ],
    "a GIF": [Buffer.from("GIF89a\x01\0\x01\0\0\0\0;"), "image", "gif", /but a GIF/],
    "an Ogg file": [Buffer.from("OggS\0\x02 and so on"), "audio", "ogg", /but an Ogg file/],
  } as const;
  const cases = Object.entries(odd).map(([name, [bytes, kind, ending, says]]) => ({ name, bytes, kind, ending, says }));
  const digestOf = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest("base64");
  const headers = {
    "x-goog-hash": (bytes: Uint8Array) => `md5=${digestOf("md5", bytes)}`,
    "content-md5": (bytes: Uint8Array) => digestOf("md5", bytes),
    "repr-digest": (bytes: Uint8Array) => `sha-512=:AAAA:, sha-256=:${digestOf("sha256", bytes)}:`,
    digest: (bytes: Uint8Array) => `SHA-256=${digestOf("sha256", bytes)}`,
    etag: (bytes: Uint8Array) => `"${Buffer.from(digestOf("md5", bytes), "base64").toString("hex")}"`,
  } as const;

  test.each(cases)("$name: stored with a digest, refused without one", async ({ bytes, kind, ending, says }) => {
    await using server = await startRawServer((socket, { path }) => {
      const name = path.slice(1) as keyof typeof headers;
      socket.write(ok(bytes, name in headers ? { [name]: headers[name](bytes) } : {}));
    });
    await using my = await setUp();
    expect(await my.fail(`${server.origin}/none`, { kind })).toMatchObject({
      code: "bad_bytes",
      message: expect.stringMatching(says) as unknown,
    });
    for (const name of Object.keys(headers)) {
      const found = await my.get(`${server.origin}/${name}`, { kind, id: name });
      expect(found).toMatchObject({ bytes: bytes.length, note: expect.stringMatching(says) as unknown });
      expect(found.proof).toMatch(/^(md5|sha256|etag) length$/);
      expect(found.path.endsWith(`.${ending}`)).toBe(true);
    }
  });

  test("an AVIF under the name of a JPEG is stored by its length and its boxes; one that is cut is not", async () => {
    await using server = await startRawServer(
      (socket, { path }) => void socket.write(ok(path === "/cut.jpg" ? avif.subarray(0, -9) : avif)),
    );
    await using my = await setUp();
    const found = await my.get(`${server.origin}/a.jpg`, { kind: "image" });
    expect(found).toMatchObject({ path: `1d/${ID}.avif`, proof: "length boxes" });
    expect(await my.fail(`${server.origin}/cut.jpg`, { kind: "image", id: "b" })).toMatchObject({ code: "bad_bytes" });
  });

  test.each(Object.keys(headers) as (keyof typeof headers)[])("not even %s makes a song of a page", async (name) => {
    const page = Buffer.from("<!doctype html><title>Not found</title>");
    await using server = await startRawServer((socket) => void socket.write(ok(page, { [name]: headers[name](page) })));
    await using my = await setUp();
    expect(await my.fail(`${server.origin}/a`)).toMatchObject({ code: "bad_bytes" });
  });

  test.each(["x-goog-hash", "content-md5", "repr-digest", "digest"] as const)(
    "%s that does not fit refuses a good file",
    async (name) => {
      const other = media("plain.m4a");
      await using server = await startRawServer(
        (socket) => void socket.write(ok(song, { [name]: headers[name](other) })),
      );
      await using my = await setUp();
      expect(await my.fail(`${server.origin}/a`)).toMatchObject({ code: "hash_mismatch" });
    },
  );

  test("an ETag of 32 hex digits that is no md5 does not", async () => {
    await using server = await startRawServer(
      (socket) => void socket.write(ok(song, { etag: `"${"0a".repeat(16)}"` })),
    );
    await using my = await setUp();
    expect(await my.get(`${server.origin}/a`)).toMatchObject({ proof: "length boxes", note: null });
  });
});

describe("what the server says of the bytes", () => {
  const md5 = createHash("md5").update(song).digest("base64");
  const other = createHash("md5").update("other").digest("base64");
  const hex = createHash("md5").update(song).digest("hex");

  test.each([
    ["md5", { "x-goog-hash": `crc32c=AAAAAA==,md5=${md5}` }, "md5 length boxes", null],
    ["md5 and crc32c in two headers", { "x-goog-hash": ["crc32c=AAAAAA==", `md5=${md5}`] }, "md5 length boxes", null],
    ["an ETag of 32 hex digits", { etag: `"${hex}"` }, "etag length boxes", null],
    ["no word of it", {}, "length boxes", null],
    ["base64 that is broken", { "x-goog-hash": "md5=%%%%" }, "length boxes", "x-goog-hash: md5 could not be read"],
    [
      "a hash of the packed bytes",
      { "x-goog-hash": `md5=${other}`, "x-goog-stored-content-encoding": "gzip" },
      "length boxes",
      null,
    ],
  ] as const)("O157: %s", async (_name, headers, proof, note) => {
    await using server = await startRawServer(
      (socket) => void socket.write(ok(song, headers as Record<string, string>)),
    );
    await using my = await setUp();
    expect(await my.get(`${server.origin}/a`)).toMatchObject({ proof, note });
  });

  test.each([
    ["md5", { "x-goog-hash": `md5=${other}` }],
    ["one of two md5", { "x-goog-hash": [`md5=${md5}`, `md5=${other}`] }],
    ["crc32c", { "x-goog-hash": "crc32c=AAAAAA==" }],
  ])("O157: %s that does not fit is refused", async (_name, headers) => {
    await using server = await startRawServer((socket) => void socket.write(ok(song, headers)));
    await using my = await setUp();
    expect(await my.fail(`${server.origin}/a`)).toMatchObject({ code: "hash_mismatch", followUp: "retry" });
    expect(await my.files()).toEqual([REFUSED]);
  });

  test("O158: a ZIP with dangerous names is stored as it is, and noted", async () => {
    const zip = Buffer.from(media("stems.zip").toString("latin1").replaceAll("drums.wav", "../dr.wav"), "latin1");
    await using server = await startRawServer((socket) => void socket.write(ok(zip)));
    await using my = await setUp();
    expect(await my.get(`${server.origin}/a`, { kind: "stems" })).toMatchObject({
      proof: "length directory",
      note: /outside their folder/,
    });
    expect(await my.files()).toEqual([`1d/${ID}.zip`]);
  });
});

describe("redirects", () => {
  test("E83: up to 10 are followed, relative ones too", async () => {
    await using server = await startRawServer((socket, { path }) => {
      const hop = Number(path.slice(2));
      socket.write(hop < 10 ? answer("302 Found", { location: `h${hop + 1}`, "content-length": "0" }) : ok(song));
    });
    await using my = await setUp();
    expect((await my.get(`${server.origin}/h0`)).bytes).toBe(song.length);
    expect(await my.fail(`${server.origin}/h-1`)).toMatchObject({ code: "redirect", httpStatus: 302 });
  });

  test("E83: a redirect without a location is refused", async () => {
    await using server = await startRawServer(
      (socket) => void socket.write(answer("302 Found", { location: "", "content-length": "0" })),
    );
    await using my = await setUp();
    expect(await my.fail(`${server.origin}/a`)).toMatchObject({ code: "redirect", httpStatus: 302 });
  });

  test.each([
    "file:///etc/passwd",
    "data:audio/mp4;base64,AAAA",
    "ftp://example.com/a",
    "http://example.com/a",
    "//10.0.0.1/a",
    "https://user:pw@example.com/a",
    "https://exa\\mple.com/a",
  ])("E83, F87: a redirect to %j is refused and names the hop", async (location) => {
    await using server = await startRawServer(
      (socket) => void socket.write(answer("302 Found", { location, "content-length": "0" })),
    );
    await using my = await setUp();
    const error = await my.fail(`${server.origin}/a`);
    expect(error).toMatchObject({ code: "refused_url", followUp: "never", httpStatus: 302 });
    expect(error.message).toContain("redirect 1 by 127.0.0.1");
    expect(await my.files()).toEqual([]);
  });

  test("E83: a loop ends", async () => {
    await using server = await startRawServer(
      (socket) => void socket.write(answer("301 Moved", { location: "/loop", "content-length": "0" })),
    );
    await using my = await setUp();
    expect(await my.fail(`${server.origin}/loop`)).toMatchObject({ code: "redirect" });
    expect(server.requests).toHaveLength(11);
  });

  test.each([
    ["UTF-8", "/caf\u00c3\u00a9/\u00e2\u0082\u00ac.m4a", "/caf%C3%A9/%E2%82%AC.m4a"],
    ["Latin-1", "/caf\u00e9", "/caf%e9"],
    ["escapes, which stay as they are", "/caf%C3%A9%2F%41", "/caf%C3%A9%2F%41"],
    ["a space", "/two words?a b", "/two%20words?a%20b"],
  ])("23: a Location in %s is read as browsers read it", async (_name, location, path) => {
    await using server = await startRawServer((socket, request) => {
      socket.write(request.path === "/a" ? answer("302 Found", { location, "content-length": "0" }) : ok(song));
    });
    await using my = await setUp();
    await my.get(`${server.origin}/a`);
    expect(server.requests[1]?.path).toBe(path);
  });

  test("a redirect that names two addresses is none", async () => {
    await using server = await startRawServer((socket) => {
      socket.write(answer("302 Found", { location: ["/b", "/c"], "content-length": "0" }));
    });
    await using my = await setUp();
    expect(await my.fail(`${server.origin}/a`)).toMatchObject({ code: "redirect" });
  });

  test("a redirect to the login page of a network is named, and says nothing about the file", async () => {
    await using portal = await startRawServer((socket) => {
      socket.write(ok("<!doctype html><title>Welcome</title>", { "content-type": "text/html" }));
    });
    await using server = await startRawServer((socket, { path }) => {
      const location = path === "/a" ? `${portal.origin}/guest/login?to=x` : "http://wifi.example/login";
      socket.write(answer("302 Found", { location, "content-length": "0" }));
    });
    await using my = await setUp();
    const [shown, refused] = [await my.fail(`${server.origin}/a`), await my.fail(`${server.origin}/b`)];
    expect(shown).toMatchObject({ code: "in_front", followUp: "never", isUnreachable: true });
    expect(shown.message).toMatch(/redirects to a login page: .*\/guest\/login/);
    expect(refused).toMatchObject({ code: "refused_url", isUnreachable: true });
    expect(refused.message).toMatch(/to what seems to be a login page$/);
  });
});

describe("the disk", () => {
  test("B19: no start without room for the file", async () => {
    await using server = await startRawServer(
      (socket) => void socket.write(answer("200 OK", { "content-length": "50000000" }, song)),
    );
    await using my = await setUp({ freeBytes: async () => 10_000_000 });
    const error = await my.fail(`${server.origin}/a`);
    expect(error).toBeInstanceOf(DiskError);
    expect(error.message).toBe(`no space left on ${my.root}: need 50.0 MB, have 10.0 MB`);
    expect(await my.files()).toEqual([]);
  });

  test("E79: other bytes under the same name are kept beside, the same ones once", async () => {
    let body = song;
    await using server = await startRawServer((socket) => void socket.write(ok(body)));
    await using my = await setUp();
    const first = await my.get(`${server.origin}/a`);
    expect((await my.get(`${server.origin}/a`)).path).toBe(first.path);
    body = media("tagged.m4a");
    expect((await my.get(`${server.origin}/a`)).path).toBe(`1d/${ID}.v2.m4a`);
    body = media("fragmented.m4a");
    expect((await my.get(`${server.origin}/a`)).path).toBe(`1d/${ID}.v3.m4a`);
    expect(readFileSync(join(my.root, first.path))).toEqual(song);
    expect(await my.files()).toHaveLength(3);
  });

  test("E80: two downloads of one name at once do not mix", async () => {
    const big = bigM4a(3_000_000);
    await using server = await startRawServer((socket) => void socket.write(ok(big)));
    await using my = await setUp();
    const both = await Promise.all([my.get(`${server.origin}/a`), my.get(`${server.origin}/a`)]);
    expect(both.map((each) => each.sha256)).toEqual([sha256(big), sha256(big)]);
    expect(await my.files()).toEqual([`1d/${ID}.m4a`]);
  });

  test.each(["symlink", "old file", "read-only"])(
    "A10: a planted part (%s) is repathd, never followed",
    async (what) => {
      await using server = await startRawServer((socket) => void socket.write(ok(song)));
      await using my = await setUp();
      const outside = join(my.folder, "outside");
      writeFileSync(outside, "mine");
      await my.store.folderFor(ID);
      const part = join(my.root, `1d/${ID}.audio.part`);
      if (what === "symlink") symlinkSync(outside, part);
      else writeFileSync(part, Buffer.alloc(99_999), { mode: what === "read-only" ? 0o400 : 0o600 });
      expect((await my.get(`${server.origin}/a`)).sha256).toBe(sha256(song));
      expect(readFileSync(outside, "utf8")).toBe("mine");
      expect(await my.files()).toEqual([`1d/${ID}.m4a`]);
    },
  );

  test("A10: a folder at the part's path is an error of the disk", async () => {
    await using server = await startRawServer((socket) => void socket.write(ok(song)));
    await using my = await setUp();
    mkdirSync(join(my.root, `1d/${ID}.audio.part`), { recursive: true });
    expect(await my.fail(`${server.origin}/a`)).toBeInstanceOf(DiskError);
  });

  test("F91: a symlink at the path of the folder or the file is refused", async () => {
    await using server = await startRawServer((socket) => void socket.write(ok(song)));
    await using my = await setUp();
    symlinkSync(my.folder, join(my.root, "1d"));
    const error = await my.fail(`${server.origin}/a`);
    expect(error).toBeInstanceOf(DiskError);
    expect(error.message).toMatch(/^symlink in archive: /);
    expect(server.connections()).toBe(0);
  });

  test.each(["symlink", "folder"])("F91: a %s at the file's path is refused and left alone", async (what) => {
    await using server = await startRawServer((socket) => void socket.write(ok(song)));
    await using my = await setUp();
    const outside = join(my.folder, "outside");
    writeFileSync(outside, "mine");
    const path = join(await my.store.folderFor(ID), `${ID}.m4a`);
    if (what === "symlink") symlinkSync(outside, path);
    else mkdirSync(path);
    expect((await my.fail(`${server.origin}/a`)).message).toBe(`${what} in archive: ${path}`);
    expect(readFileSync(outside, "utf8")).toBe("mine");
  });

  test("G96: files 0600 and folders 0700 under any umask", async () => {
    await using server = await startRawServer((socket) => void socket.write(ok(song)));
    const before = process.umask(0);
    try {
      await using my = await setUp();
      const { path } = await my.get(`${server.origin}/a`);
      const mode = (path: string) => (lstatSync(join(my.root, path)).mode & 0o777).toString(8);
      expect([mode(""), mode("1d"), mode(path), mode(".producer-mirror")]).toEqual(["700", "700", "600", "600"]);
    } finally {
      process.umask(before);
    }
  });

  test("a file whose row was lost is adopted without a request; a bad one is not", async () => {
    await using server = await startRawServer((socket) => void socket.write(ok(song)));
    await using my = await setUp();
    const want = { url: `${server.origin}/a`, kind: "audio", id: ID, durationSeconds: 1.2 } as const;
    expect(await my.downloader.adopt(want)).toBeNull();
    const stored = await my.get(want.url);
    expect(await my.downloader.adopt(want)).toMatchObject({
      path: stored.path,
      sha256: stored.sha256,
      proof: "boxes",
      httpStatus: null,
      durationSeconds: 1.2,
    });
    writeFileSync(join(my.root, stored.path), song.subarray(0, 3000));
    expect(await my.downloader.adopt(want)).toBeNull();
    expect(server.requests).toHaveLength(1);
  });
});

function chunked(body: Buffer, complete: boolean): Buffer {
  const head = `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n`;
  return Buffer.concat([Buffer.from(head), body, Buffer.from(complete ? "\r\n0\r\n\r\n" : "\r\n")]);
}
