import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { errors } from "undici";
import { afterEach, beforeEach, describe, expect, it, test, vi } from "vitest";
import { AssetError } from "../../../src/assets/asset-error.ts";
import { PartFile } from "../../../src/assets/download/part-file.ts";
import { readNotes, writeNotes } from "../../../src/assets/download/part-notes.ts";
import { toAssetError } from "../../../src/assets/download/request.ts";
import { readFacts } from "../../../src/assets/download/response.ts";
import { createWatchdog } from "../../../src/assets/download/watchdog.ts";
import { DiskError } from "../../../src/lib/errors.ts";
import { AddressRefused } from "../../../src/lib/net/public-address.ts";
import { temporaryFolder } from "../../helpers/temporary-archive.ts";
import { ok, startRawServer } from "./raw-server.ts";
import { ID, media, setUp, type Setup } from "./setup.ts";

/** What of a download needs no server. */
const song = media("faststart.m4a");
const sha256 = createHash("sha256").update(song).digest("hex");
const PATH = `1d/${ID}.m4a`;

describe("a file that may be on the disk", () => {
  let my: Setup;
  beforeEach(async () => (my = await setUp()));
  afterEach(() => my[Symbol.asyncDispose]());
  const put = (path = PATH, bytes: Buffer | string = song) => {
    mkdirSync(dirname(join(my.root, path)), { recursive: true });
    writeFileSync(join(my.root, path), bytes);
  };
  const isThere = (bytes: number | null = song.length) => my.downloader.isThere({ path: PATH, bytes });
  const hasFile = (digest = sha256) => my.downloader.hasFile({ path: PATH, sha256: digest, acceptDifferent: false });

  it("is there with its size, or with any where none is known", async () => {
    expect([await isThere(), await isThere(null)]).toEqual([false, false]);
    put();
    expect([await isThere(), await isThere(null), await isThere(song.length + 1)]).toEqual([true, true, false]);
    rmSync(join(my.root, PATH));
    mkdirSync(join(my.root, PATH));
    expect([await isThere(0), await isThere(null)]).toEqual([false, false]);
  });

  it("is not called lost while the disk is away or cannot be read", async () => {
    renameSync(my.root, `${my.root}-away`);
    expect(await isThere()).toBe(true);
    renameSync(`${my.root}-away`, my.root);
    expect(await my.downloader.isThere({ path: "../x", bytes: 1 })).toBe(true);
    const broken = my.downloader.isThere({ path: 7 as unknown as string, bytes: 1 });
    await expect(broken).rejects.toThrow(TypeError);
  });

  it("is the lost one only with its bytes", async () => {
    expect(await hasFile()).toBe(false);
    put();
    expect([await hasFile(), await hasFile("00")]).toEqual([true, false]);
    rmSync(join(my.root, PATH));
    mkdirSync(join(my.root, PATH));
    expect(await hasFile()).toBe(false);
  });

  it("is taken over when it is whole, of its kind, and under its name; what its download left goes", async () => {
    const wanted = { url: "https://x/", kind: "audio", id: ID, durationSeconds: 99 } as const;
    expect(await my.downloader.adopt(wanted)).toBeNull();
    put(PATH, song.subarray(0, -50));
    expect(await my.downloader.adopt(wanted)).toBeNull();
    put();
    for (const ending of ["audio.part", "audio.part.json", "audio.bad.part", "image.part"]) put(`1d/${ID}.${ending}`);
    expect(await my.downloader.adopt(wanted)).toEqual({
      path: PATH,
      bytes: song.length,
      sha256,
      contentType: null,
      etag: null,
      lastModified: null,
      durationSeconds: 1.2,
      proof: "boxes",
      note: "taken over from the disk; duration_mismatch: the file has 1.2 s, the record says 99.0 s",
      httpStatus: null,
    });
    expect(await my.files()).toEqual([`1d/${ID}.image.part`, PATH]);
    expect(await my.downloader.adopt({ ...wanted, kind: "image" })).toBeNull();
    rmSync(join(my.root, PATH));
    put(`1d/${ID}.mp3`);
    expect(await my.downloader.adopt(wanted)).toBeNull();
    rmSync(join(my.root, `1d/${ID}.mp3`));
    mkdirSync(join(my.root, PATH));
    expect(await my.downloader.adopt(wanted)).toBeNull();
  });
});

test("66: a download whose disk goes meanwhile says that, and nothing else", async () => {
  await using my = await setUp();
  await using server = await startRawServer((socket) => {
    renameSync(my.root, `${my.root}-away`);
    socket.write(ok(song));
  });
  expect(await my.fail(`${server.origin}/a`)).toMatchObject({ code: "assets_not_ours", exit: 7 });
  expect(existsSync(my.root)).toBe(false);
  renameSync(`${my.root}-away`, my.root);
  expect(await my.files()).toEqual([]);
});

test("a disk that does not say how much is free takes the file all the same", async () => {
  await using my = await setUp({ freeBytes: () => Promise.reject(new Error("ENOSYS")) });
  await using server = await startRawServer((socket) => void socket.write(ok(song)));
  expect(await my.get(`${server.origin}/a`)).toMatchObject({ sha256 });
});

describe("an error of a request", () => {
  const withCode = (message: string, code: string) => Object.assign(new Error(message), { code });
  const refusal = new AddressRefused("private address 10.0.0.1 (private)");

  test.each<[string, Error, boolean]>([
    ["that is refused", withCode("connect", "ECONNREFUSED"), true],
    ["to a name that nobody knows", withCode("getaddrinfo", "ENOTFOUND"), true],
    ["that is reset", withCode("read", "ECONNRESET"), false],
    ["that breaks", new errors.SocketError("other side closed"), false],
    ["whose answer is no HTTP", new errors.HTTPParserError("Invalid method"), false],
  ])("of a connection %s: whether the host was reached", (_what, error, isUnreachable) => {
    const found = toAssetError(error, "a.example", "connect") as AssetError;
    expect(found).toMatchObject({ code: "network", followUp: "retry", isUnreachable, cause: error });
    expect(found.message).toMatch(/^a\.example cannot be reached: ./);
  });

  it("in the body is a file that was cut", () => {
    expect(toAssetError(withCode("it\nbroke", "ECONNRESET"), "a.example", "body")).toMatchObject({
      code: "cut",
      message: expect.stringMatching(/^a\.example ended the file early: it.*broke \(ECONNRESET\)$/),
    });
    const bare = new Error("it broke");
    expect(toAssetError(bare, "a.example", "body")).toMatchObject({
      message: "a.example ended the file early: it broke",
      cause: bare,
    });
  });

  it("is a refusal of ours, wherever that lies in it", () => {
    for (const error of [
      refusal,
      new Error("x", { cause: refusal }),
      new AggregateError([new Error("y"), refusal]),
      new AggregateError([new Error("y", { cause: new AggregateError([refusal]) })]),
    ])
      expect(toAssetError(error, "a.example", "connect")).toMatchObject({
        code: "refused_url",
        message: "refused: private address 10.0.0.1 (private)",
        followUp: "never",
        cause: error,
      });
  });

  it("stays what it is when it is one of this program, or a bug", () => {
    for (const error of [
      new AssetError("cut", "x"),
      new DiskError("full"),
      new TypeError("bug"),
      new RangeError("bug"),
      new ReferenceError("bug"),
      "words",
    ])
      for (const stage of ["connect", "body"] as const) expect(toAssetError(error, "h", stage)).toBe(error);
  });
});

describe("the notes beside a part", () => {
  const NOTES = { url: "https://x/", facts: readFacts(200, {}, 0), bytes: 7, failedResumes: 0 };
  it("are read as they were written, by this user alone, and replaced", async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "notes");
    expect(await readNotes(path)).toEqual({ exists: false, notes: null });
    writeFileSync(path, "older", { mode: 0o644 });
    await writeNotes(path, NOTES);
    expect(await readNotes(path)).toEqual({ exists: true, notes: NOTES });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("count as none when anything is missing", async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "notes");
    const { url: _url, ...noUrl } = NOTES;
    const { bytes: _bytes, ...noBytes } = NOTES;
    const { failedResumes: _failed, ...noCount } = NOTES;
    for (const text of [
      "",
      "{",
      "null",
      ...[noUrl, noBytes, noCount, { ...NOTES, bytes: 1.5 }, { ...NOTES, facts: {} }, { ...NOTES, facts: null }].map(
        (notes) => JSON.stringify(notes),
      ),
    ]) {
      writeFileSync(path, text);
      expect([text, await readNotes(path)]).toEqual([text, { exists: true, notes: null }]);
    }
  });
});

describe("a part", () => {
  const facts = readFacts(200, { etag: '"1"', "content-length": "9" }, 0);
  const bare = readFacts(200, {}, 0);
  let folder: ReturnType<typeof temporaryFolder>;
  let part: PartFile;
  beforeEach(() => {
    folder = temporaryFolder();
    part = new PartFile(join(folder.path, "x.audio.part"), "https://x/");
  });
  afterEach(() => folder[Symbol.dispose]());
  const left = () => [existsSync(part.path), existsSync(`${part.path}.json`)];
  const resume = (url = "https://x/") => new PartFile(part.path, url).resumable();

  it("knows how much it has, and how much it will", async () => {
    expect([part.bytes, part.expectedBytes]).toEqual([0, null]);
    part.begin(facts);
    await part.append(Buffer.from("abc"));
    expect([part.bytes, part.expectedBytes]).toEqual([3, 9]);
    part.begin(bare);
    expect(part.expectedBytes).toBeNull();
    await part.drop();
  });

  it("is kept with its notes, and can be gone on with at the same address alone", async () => {
    part.begin(facts);
    await part.append(Buffer.from("abc"));
    await part.keep();
    expect([left(), readFileSync(part.path, "utf8")]).toEqual([[true, true], "abc"]);
    expect(await resume()).toEqual({ bytes: 3, facts });
    expect(await resume("https://y/")).toBeNull();
    writeFileSync(part.path, "ab");
    expect(await resume()).toBeNull();
    rmSync(part.path);
    expect(await resume()).toBeNull();
  });

  it("is not kept without a validator, without a byte, or before it began", async () => {
    await part.keep();
    part.begin(bare);
    await part.append(Buffer.from("abc"));
    await part.keep();
    expect(left()).toEqual([false, false]);
    part.begin(facts);
    await part.keep();
    expect(left()).toEqual([false, false]);
  });

  it("is given up after three requests for its rest that brought no answer", async () => {
    part.begin(facts);
    await part.append(Buffer.from("abc"));
    await part.keep();
    await new PartFile(part.path, "https://x/").noteFailedResume();
    for (let failed = 0; failed < 3; failed++) {
      const next = new PartFile(part.path, "https://x/");
      expect(await next.resumable()).toMatchObject({ bytes: 3 });
      await next.noteFailedResume();
    }
    expect(await resume()).toBeNull();
  });

  it("that was cut behind what is known to be on the disk is gone on with from there", async () => {
    part.begin(facts);
    await part.append(Buffer.from("abc"));
    await part.keep();
    writeFileSync(part.path, "abcde");
    const next = new PartFile(part.path, "https://x/");
    const seen: string[] = [];
    const known = (await next.resumable())!;
    await next.continueFrom(known, facts, (chunk) => void seen.push(chunk.toString()), new AbortController().signal);
    await next.append(Buffer.from("xyz"));
    await next.seal();
    expect([seen.join(""), readFileSync(part.path, "utf8")]).toEqual(["abc", "abcxyz"]);
  });

  it("begins from scratch over what an earlier one left", async () => {
    writeFileSync(part.path, "older and longer");
    writeFileSync(`${part.path}.json`, "{}");
    await part.resumable();
    part.begin(bare);
    await part.append(Buffer.from("abc"));
    await part.seal();
    expect([left(), readFileSync(part.path, "utf8")]).toEqual([[true, false], "abc"]);
    expect(statSync(part.path).mode & 0o777).toBe(0o600);
  });

  it("of many chunks is written in their order", async () => {
    const chunks = Array.from({ length: 5000 }, (_, n) => Buffer.alloc(900, n % 251));
    part.begin(facts);
    for (const chunk of chunks) await part.append(chunk);
    expect(part.bytes).toBe(4_500_000);
    await part.seal();
    expect(readFileSync(part.path).equals(Buffer.concat(chunks))).toBe(true);
  });

  it("is kept for inspection up to a size, and its notes go", async () => {
    part.begin(facts);
    await part.append(Buffer.from("abcdef"));
    await part.keep();
    const next = new PartFile(part.path, "https://x/");
    await next.resumable();
    next.begin(facts);
    await next.append(Buffer.from("abcdef"));
    await next.quarantine(join(folder.path, "bad"), 4);
    expect([left(), readFileSync(join(folder.path, "bad"), "utf8")]).toEqual([[false, false], "abcd"]);
  });

  it("where nothing can be written says so, and again with each further chunk", async () => {
    const nowhere = new PartFile(join(folder.path, "none", "x.part"), "https://x/");
    nowhere.begin(facts);
    await nowhere.append(Buffer.from("abc"));
    await expect(nowhere.seal()).rejects.toBeInstanceOf(DiskError);
    await expect(nowhere.seal()).rejects.toBeInstanceOf(DiskError);
    await nowhere.release();
  });
});

describe("the watchdog of a transfer", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
  afterEach(() => void vi.useRealTimers());
  /** Ten seconds without a byte, twenty below 1 KiB/s. */
  const watch = (signal = new AbortController().signal) => createWatchdog(10, signal);
  const seconds = (count: number) => vi.advanceTimersByTime(count * 1000);
  const why = ({ signal }: ReturnType<typeof watch>) => (signal.reason as Error | undefined)?.message;

  it("ends it after so many seconds without a byte", () => {
    const dog = watch();
    seconds(1.25);
    seconds(8.75);
    expect(dog.signal.aborted).toBe(false);
    seconds(1.25);
    expect(why(dog)).toBe("the download stalled: no byte for 10 s");
    dog.stop();
  });

  it("ends it when it is slow for twice as long, however steady", () => {
    for (const [bytes, ends] of [
      [1279, true],
      [1280, false],
    ] as const) {
      const dog = watch();
      for (let check = 0; check < 40; check++) {
        dog.sawBytes(bytes);
        seconds(1.25);
      }
      expect([bytes, why(dog)]).toEqual([bytes, ends ? "the download stalled: below 1 KiB/s for 20 s" : undefined]);
      dog.stop();
    }
  });

  it("forgets how quick it was before that", () => {
    const dog = watch();
    dog.sawBytes(1e9);
    for (let check = 0; check < 16; check++) {
      seconds(1.25);
      dog.sawBytes(1);
    }
    expect(dog.signal.aborted).toBe(false);
    seconds(1.25);
    expect(why(dog)).toContain("below 1 KiB/s");
    dog.stop();
  });

  it("does not count the time in which this machine is slow", () => {
    const dog = watch();
    seconds(8);
    dog.pause();
    seconds(100);
    dog.resume();
    seconds(10);
    expect(dog.signal.aborted).toBe(false);
    seconds(2.5);
    expect(dog.signal.aborted).toBe(true);
    dog.stop();
  });

  it("passes on an interrupt, also one from before, and nothing once it is stopped", () => {
    const stop = new AbortController();
    const [dog, stopped] = [watch(stop.signal), watch(stop.signal)];
    stopped.stop();
    stop.abort(new Error("SIGINT"));
    expect([why(dog), stopped.signal.aborted]).toEqual(["SIGINT", false]);
    expect(why(watch(stop.signal))).toBe("SIGINT");
    seconds(1000);
    expect(stopped.signal.aborted).toBe(false);
    dog.stop();
  });
});
