import { execFileSync } from "node:child_process";
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ASSET_KINDS } from "../../../src/lib/asset-kinds.ts";
import { DiskError } from "../../../src/lib/errors.ts";
import { ENDINGS } from "../../../src/assets/inspect/file-types.ts";
import { finalPath, isPartName, partPath, stem } from "../../../src/assets/store/names.ts";
import { openStore } from "../../../src/assets/store/store.ts";
import { sha256 } from "../../helpers/folder-tree.ts";
import { collect, ID } from "../download/setup.ts";

let folder: string;
let root: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mirror-store-"));
  root = join(folder, "assets");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("names", () => {
  test("are the id where that is harmless", () => {
    expect(stem(ID)).toBe(ID);
    expect(stem(`${ID}_3`)).toBe(`${ID}_3`);
    expect(finalPath(ID, "m4a")).toBe(`1d/${ID}.m4a`);
  });

  test.each([
    "../../x",
    "..\\x",
    "/etc/x",
    "a/b",
    "",
    ".",
    "..",
    "CON",
    "x".repeat(300),
    "a\0b",
    "%2e%2e",
    "🎵",
    "-rf",
    ID.toUpperCase(),
    `${ID}\n`,
    `${ID}_${"1".repeat(99)}`,
  ])("F90: %j becomes a digest", (id) => expect(partPath(id, "audio")).toMatch(/^x-\/x-[0-9a-f]{32}\.audio\.part$/));

  test("F91: ids that differ in case or in composition of accents get names that differ without case", () => {
    const ids = ["abc", "ABC", "caf\u00e9", "cafe\u0301", ID, ID.toUpperCase()];
    expect(new Set(ids.map((id) => stem(id).toLowerCase())).size).toBe(ids.length);
  });

  test("no two kinds and types of one clip share a name", () => {
    const endings = ASSET_KINDS.flatMap((kind) => Object.values(ENDINGS[kind]));
    expect(new Set(endings).size).toBe(endings.length);
    expect(endings.every((ending) => !isPartName(`x.${ending}`))).toBe(true);
  });
});

describe("whose folder it is", () => {
  test("a new one is made and marked, for its owner alone; reading makes nothing", async () => {
    const store = openStore(root, "archive-1");
    await store.check({ files: false });
    expect(() => statSync(root)).toThrow(/ENOENT/);
    await store.prepare({ files: false });
    await store.prepare({ files: true });
    expect(readFileSync(join(root, ".producer-mirror"), "utf8").trim()).toBe("archive-1");
    expect(statSync(root).mode & 0o777).toBe(0o700);
  });

  test.each([
    ["gone", () => rmSync(root, { recursive: true })],
    [
      "an empty mount point",
      () => (rmSync(root, { recursive: true }), mkdirSync(root), mkdirSync(join(root, "lost+found"))),
    ],
    ["without its marker", () => (rmSync(join(root, ".producer-mirror")), writeFileSync(join(root, "x"), ""))],
    ["another archive's", () => writeFileSync(join(root, ".producer-mirror"), "archive-2\n")],
  ])("B22: a folder that is %s is refused, until it is adopted", async (_name, spoil) => {
    const store = openStore(root, "archive-1");
    await store.prepare({ files: false });
    spoil();
    for (const attempt of [store.prepare, store.check]) {
      const error = await attempt({ files: true }).then(
        () => null,
        (each: unknown) => each as DiskError,
      );
      expect(error).toBeInstanceOf(DiskError);
      expect(error).toMatchObject({ exit: 7, code: "assets_not_ours" });
      expect(error?.message).toContain(root);
      expect(error?.hint).toContain("--adopt-assets");
    }
    await store.adopt();
    await store.prepare({ files: true });
  });

  test("B22: a full folder of somebody else is refused though no file is expected", async () => {
    mkdirSync(root);
    writeFileSync(join(root, "holiday.jpg"), "");
    await expect(openStore(root, "archive-1").prepare({ files: false })).rejects.toThrow(
      "does not belong to this archive",
    );
  });
});

describe("put", () => {
  /** A finished part of these bytes. */
  async function put(bytes: string, lost?: { path: string; sha256: string; acceptDifferent: boolean }) {
    const store = openStore(root, "archive-1");
    await store.prepare({ files: false });
    const folder = await store.folderFor(ID);
    const partPath = join(folder, `${ID}.audio.part`);
    writeFileSync(partPath, bytes);
    const part = { id: ID, kind: "audio", type: "mp4", partPath, bytes: bytes.length, sha256: sha256(bytes) } as const;
    return store.put(lost ? { ...part, lost } : part);
  }
  const text = (path: string) => readFileSync(join(root, path), "utf8");

  test("gives the name of the id; the same bytes again are moved nowhere", async () => {
    expect(await put("bytes")).toEqual({ path: `1d/${ID}.m4a`, moved: true });
    expect(await put("bytes")).toEqual({ path: `1d/${ID}.m4a`, moved: false });
  });

  test("other bytes of the same size are another file, and both stay", async () => {
    await put("bytes");
    expect(await put("BYTES")).toEqual({ path: `1d/${ID}.v2.m4a`, moved: true });
    expect(await put("Bytes")).toEqual({ path: `1d/${ID}.v3.m4a`, moved: true });
    expect(await put("BYTES")).toEqual({ path: `1d/${ID}.v2.m4a`, moved: false });
    expect([text(`1d/${ID}.m4a`), text(`1d/${ID}.v2.m4a`), text(`1d/${ID}.v3.m4a`)]).toEqual([
      "bytes",
      "BYTES",
      "Bytes",
    ]);
  });

  test("a damaged file that it replaces is kept as .bad; other bytes than were lost are kept beside", async () => {
    const lost = { path: `1d/${ID}.m4a`, sha256: sha256("bytes"), acceptDifferent: false };
    await put("bytes");
    writeFileSync(join(root, lost.path), "rotten");
    expect(await put("bytes", lost)).toEqual({ path: lost.path, moved: true });
    expect([text(lost.path), text(`${lost.path}.bad`)]).toEqual(["bytes", "rotten"]);
    const { path, differs } = await put("others", lost);
    expect({ differs, path }).toEqual({ differs: true, path: `1d/${ID}.differs-${sha256("others").slice(0, 8)}.m4a` });
    expect(text(lost.path)).toBe("bytes");
    expect(await put("others", { ...lost, acceptDifferent: true })).toEqual({ path: `1d/${ID}.v2.m4a`, moved: true });
  });

  test("what was quarantined goes once the right bytes are in its place, but for bytes wanted elsewhere and what is no file", async () => {
    await put("right");
    const store = openStore(root, "archive-1");
    const path = `1d/${ID}.m4a`;
    const file = { path, sha256: sha256("right") };
    for (const [ending, content] of [
      ["bad", "rotten"],
      ["bad2", "of another song"],
      ["bad10", "cut"],
      ["bad.txt", "mine"],
    ])
      writeFileSync(join(root, `${path}.${ending}`), content!);
    mkdirSync(join(root, `${path}.bad3`));
    symlinkSync(join(root, path), join(root, `${path}.bad4`));
    const left = () => readdirSync(join(root, "1d")).filter((name) => name.includes(".bad"));
    const all = left();
    const isNeeded = (digest: string) => digest === sha256("of another song");
    expect(await store.removeQuarantined({ path, sha256: sha256("other") }, { isNeeded })).toEqual([]);
    expect(await store.removeQuarantined({ path: `1d/${ID}.v2.m4a`, sha256: file.sha256 }, { isNeeded })).toEqual([]);
    expect(await store.removeQuarantined({ path: `3f/${ID}.m4a`, sha256: file.sha256 }, { isNeeded })).toEqual([]);
    const gone = [`${path}.bad`, `${path}.bad10`];
    expect(await store.removeQuarantined(file, { isNeeded, dryRun: true })).toEqual(gone);
    expect(left()).toEqual(all);
    expect(await store.removeQuarantined(file, { isNeeded })).toEqual(gone);
    expect(left()).toEqual(["bad.txt", "bad2", "bad3", "bad4"].map((ending) => `${ID}.m4a.${ending}`));
    expect(await store.removeQuarantined(file, { isNeeded })).toEqual([]);
  });

  test("a file that belongs elsewhere is kept beside by its digest, over nothing that is there", async () => {
    await put("other");
    const store = openStore(root, "archive-1");
    const path = `1d/${ID}.m4a`;
    const digest = sha256("other");
    expect(await store.keepBeside(path, digest)).toBe(`1d/${ID}.differs-${digest.slice(0, 8)}.m4a`);
    await put("other");
    expect(await store.keepBeside(path, digest)).toBe(`${path}.bad`);
  });

  test("41, 66: nothing is written when the marker is gone: no folder, no file, no quarantine", async () => {
    await put("bytes");
    const store = openStore(root, "archive-1");
    rmSync(root, { recursive: true });
    mkdirSync(root);
    const gone = { code: "assets_not_ours", exit: 7 };
    await expect(store.folderFor(ID)).rejects.toMatchObject(gone);
    await expect(store.quarantine(`1d/${ID}.m4a`)).rejects.toMatchObject(gone);
    await expect(store.keepBeside(`1d/${ID}.m4a`, "00")).rejects.toMatchObject(gone);
    const isNeeded = () => false;
    await expect(store.removeQuarantined({ path: `1d/${ID}.m4a`, sha256: "00" }, { isNeeded })).rejects.toMatchObject(
      gone,
    );
    await expect(store.makeStaging()).rejects.toMatchObject(gone);
    await expect(store.moveIn(join(root, "x"), `1d/${ID}.m4a`)).rejects.toMatchObject(gone);
    await expect(store.removePart(`1d/${ID}.audio.part`)).rejects.toMatchObject(gone);
    expect(readdirSync(root)).toEqual([]);
  });

  test("66: a disk that goes while the folder of a download is made leaves no folder under its mount point", async () => {
    await put("bytes");
    const store = openStore(root, "archive-1");
    const away = `${root}-away`;
    for (let round = 0; round < 200; round++) {
      const made = store.folderFor(`${round.toString(16).padStart(2, "0")}${ID.slice(2)}`).catch(() => null);
      for (let turn = 0; turn < round % 20; turn++) await new Promise(setImmediate);
      renameSync(root, away);
      mkdirSync(root);
      await made;
      expect(readdirSync(root), `round ${round}`).toEqual([]);
      rmdirSync(root);
      renameSync(away, root);
    }
  });
});

describe("what lies in it", () => {
  test("B30: what is no regular file is answered as such, fast, and never opened", async () => {
    const store = openStore(root, "archive-1");
    await store.prepare({ files: false });
    mkdirSync(join(root, "1d/folder.m4a"), { recursive: true });
    execFileSync("mkfifo", [join(root, "1d/fifo.m4a")]);
    symlinkSync("/etc/passwd", join(root, "1d/link.m4a"));
    symlinkSync("/etc", join(root, "2e"));
    symlinkSync("/dev/zero", join(root, "1d/zero.m4a"));
    const types = await Promise.all(
      ["1d/folder.m4a", "1d/fifo.m4a", "1d/link.m4a", "2e/passwd", "1d/zero.m4a", "1d/none.m4a"].map((path) =>
        store.stat(path),
      ),
    );
    expect(types.map((entry) => entry?.type ?? null)).toEqual([
      "folder",
      "fifo",
      "symlink",
      "symlink",
      "symlink",
      null,
    ]);
    for (const path of ["1d/folder.m4a", "1d/fifo.m4a", "1d/link.m4a", "2e/passwd"]) {
      await expect(store.sha256(path)).rejects.toMatchObject({ exit: 7, code: "asset_not_a_file" });
      await expect(store.readStream(path)).rejects.toThrow(DiskError);
    }
    await expect(store.sha256("1d/none.m4a")).rejects.toMatchObject({ code: "asset_missing" });
  });

  test("41, 66: a file is missing only from a folder that was just seen to be this archive's", async () => {
    const store = openStore(root, "archive-1");
    await store.prepare({ files: false });
    renameSync(root, `${root}-away`);
    const looks = [() => store.stat("1d/x.m4a"), () => store.get("1d/x.m4a"), () => store.sha256("1d/x.m4a")];
    for (const spoil of [
      () => {},
      () => mkdirSync(root),
      () => writeFileSync(join(root, ".producer-mirror"), "other"),
    ]) {
      spoil();
      for (const look of looks) await expect(look()).rejects.toMatchObject({ code: "assets_not_ours", exit: 7 });
    }
  });

  test("41, 66: a file is not missing when its disk comes back while somebody looks for it", async () => {
    const store = openStore(root, "archive-1");
    const marker = join(root, ".producer-mirror");
    for (const look of [store.stat, store.sha256]) {
      rmSync(root, { recursive: true, force: true });
      mkdirSync(root);
      // Who reads a FIFO waits until something is written into it: by then the file is there.
      execFileSync("mkfifo", [marker]);
      const found = look("1d/x.m4a");
      // Whoever writes into a FIFO waits for a reader, also when the marker is not looked at.
      const reader = found.catch(() => null).then(() => openSync(marker, constants.O_RDONLY | constants.O_NONBLOCK));
      const writer = await open(marker, "a");
      mkdirSync(join(root, "1d"));
      writeFileSync(join(root, "1d/x.m4a"), "bytes");
      await writer.writeFile("archive-1\n");
      await writer.close();
      closeSync(await reader);
      expect(await found).toMatchObject({ bytes: 5 });
    }
  });

  test.each([
    "../../x",
    "/etc/passwd",
    "1d/../../x",
    "1d/./x",
    "1d//x",
    "1d\\x",
    "1d/a\0b",
    "",
    ".producer-mirror",
    `1d/${"x".repeat(300)}`,
  ])("F90: %j is no path inside", async (path) => {
    const store = openStore(root, "archive-1");
    await expect(store.stat(path)).rejects.toMatchObject({ code: "bad_asset_path", exit: 7 });
    expect(() => store.locate(path)).toThrow(DiskError);
  });

  test("files and parts are listed apart, each file digested and read", async () => {
    const store = openStore(root, "archive-1");
    await store.prepare({ files: false });
    const folder = await store.folderFor(ID);
    for (const name of [`${ID}.m4a`, `${ID}.audio.part`, `${ID}.audio.part.json`])
      writeFileSync(join(folder, name), "abc");
    writeFileSync(join(root, "extra.txt"), "x");
    symlinkSync("/etc", join(root, "zz"));
    const listed = await collect(store.list());
    expect(listed.sort()).toEqual([`1d/${ID}.m4a`, "extra.txt", "zz"]);
    const parts = await collect(store.listParts());
    expect(parts.map(({ path, bytes }) => `${path} ${bytes}`).sort()).toEqual([
      `1d/${ID}.audio.part 3`,
      `1d/${ID}.audio.part.json 3`,
    ]);
    expect(await store.sha256(`1d/${ID}.m4a`)).toEqual({
      bytes: 3,
      sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    });
    expect(
      Buffer.concat(await collect<Buffer>(await store.readStream(`1d/${ID}.m4a`, { start: 1, end: 1 }))).toString(),
    ).toBe("b");
    for (const { path } of parts) await store.removePart(path);
    expect(await collect(store.listParts())).toEqual([]);
    await expect(store.removePart(`1d/${ID}.m4a`)).rejects.toThrow(DiskError);
  });

  test("A10: removing a part that is a symlink leaves what it points at", async () => {
    const store = openStore(root, "archive-1");
    await store.prepare({ files: false });
    const target = join(folder, "mine");
    writeFileSync(target, "mine");
    symlinkSync(target, join(await store.folderFor(ID), `${ID}.audio.part`));
    await store.removePart(`1d/${ID}.audio.part`);
    expect(readFileSync(target, "utf8")).toBe("mine");
    expect(await collect(store.listParts())).toEqual([]);
  });

  test("a bad file is quarantined under a free name", async () => {
    const store = openStore(root, "archive-1");
    await store.prepare({ files: false });
    const folder = await store.folderFor(ID);
    for (const number of ["", "2"]) {
      writeFileSync(join(folder, `${ID}.m4a`), "bad");
      expect(await store.quarantine(`1d/${ID}.m4a`)).toBe(`1d/${ID}.m4a.bad${number}`);
    }
  });

  test("the root may be reached through a symlink, and may vanish: exit 7", async () => {
    const store = openStore(root, "archive-1");
    await store.prepare({ files: false });
    symlinkSync(root, join(folder, "alias"));
    await openStore(join(folder, "alias"), "archive-1").prepare({ files: true });
    renameSync(root, `${root}.away`);
    await expect(store.folderFor(ID)).rejects.toBeInstanceOf(DiskError);
  });
});
