import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { markerOf, notOurs, readOwnership, type Ownership } from "../../../src/assets/store/marker.ts";
import {
  differingPath,
  finalPath,
  folderOf,
  isPartName,
  partPath,
  quarantinePath,
  stem,
} from "../../../src/assets/store/names.ts";
import { openStore, type AssetStore } from "../../../src/assets/store/store.ts";
import { DiskError } from "../../../src/lib/errors.ts";
import { sha256 } from "../../helpers/folder-tree.ts";
import { collect, ID } from "../download/setup.ts";

let folder: string;
let root: string;
let store: AssetStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "mirror-store-"));
  root = join(folder, "assets");
  store = openStore(root, "archive-1");
  await store.prepare({ files: false });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  return join(root, path);
};
const text = (path: string) => readFileSync(join(root, path), "utf8");
const mode = (path: string) => (statSync(join(root, path)).mode & 0o777).toString(8);

describe("a file that is moved in", () => {
  const from = (content = "song") => {
    const path = join(folder, "from");
    writeFileSync(path, content, { mode: 0o644 });
    return path;
  };

  it("lies at its path, for its owner alone, in folders for their owner alone, and is no longer where it was", async () => {
    await store.moveIn(from(), "1d/x.m4a");
    expect([text("1d/x.m4a"), mode("1d/x.m4a"), mode("1d")]).toEqual(["song", "600", "700"]);
    expect(existsSync(join(folder, "from"))).toBe(false);
  });

  it("comes into a folder that is there", async () => {
    write("1d/other", "other");
    await store.moveIn(from(), "1d/x.m4a");
    expect([text("1d/x.m4a"), text("1d/other")]).toEqual(["song", "other"]);
  });

  it.each<[string, (path: string) => void]>([
    ["a file", (path) => writeFileSync(path, "here")],
    ["an empty file", (path) => writeFileSync(path, "")],
    ["a folder", (path) => mkdirSync(path)],
    ["a symlink that leads nowhere", (path) => symlinkSync("nowhere", path)],
  ])("replaces nothing: %s in the way stays, and so does the file", async (_what, make) => {
    mkdirSync(join(root, "1d"));
    make(join(root, "1d/x.m4a"));
    await expect(store.moveIn(from(), "1d/x.m4a")).rejects.toMatchObject({ code: "asset_not_a_file", exit: 7 });
    expect(readFileSync(join(folder, "from"), "utf8")).toBe("song");
  });

  it("follows no symlink on its way, and accepts no path that leads out", async () => {
    mkdirSync(join(folder, "elsewhere"));
    symlinkSync(join(folder, "elsewhere"), join(root, "1d"));
    await expect(store.moveIn(from(), "1d/x.m4a")).rejects.toMatchObject({ code: "asset_not_a_file" });
    await expect(store.moveIn(from(), "../x.m4a")).rejects.toMatchObject({ code: "bad_asset_path" });
    expect([readdirSync(join(folder, "elsewhere")), existsSync(join(folder, "x.m4a"))]).toEqual([[], false]);
  });

  it("that is not there is an error of the disk", async () => {
    await expect(store.moveIn(join(folder, "none"), "1d/x.m4a")).rejects.toBeInstanceOf(DiskError);
  });

  it("may come from a folder of its own that no list shows", async () => {
    const staging = await store.makeStaging();
    expect(dirname(staging)).toBe(root);
    expect(statSync(staging).mode & 0o777).toBe(0o700);
    writeFileSync(join(staging, "copy"), "song");
    expect(await collect(store.list())).toEqual([]);
    expect(await store.makeStaging()).not.toBe(staging);
    await store.moveIn(join(staging, "copy"), "1d/x.m4a");
    expect(await collect(store.list())).toEqual(["1d/x.m4a"]);
  });
});

describe("the folder of an id", () => {
  it("is made once, for its owner alone", async () => {
    expect(await store.folderFor(ID)).toBe(join(root, "1d"));
    expect(await store.folderFor(ID)).toBe(join(root, "1d"));
    expect(mode("1d")).toBe("700");
  });

  it("is no file and no symlink", async () => {
    write("1d", "in the way");
    await expect(store.folderFor(ID)).rejects.toMatchObject({
      code: "asset_not_a_file",
      hint: expect.stringContaining("move it away"),
    });
    rmSync(join(root, "1d"));
    symlinkSync(folder, join(root, "1d"));
    await expect(store.folderFor(ID)).rejects.toThrow(`symlink in archive: ${join(root, "1d")}`);
  });
});

describe("a finished part", () => {
  const PATH = `1d/${ID}.m4a`;
  const put = (bytes: string, lost?: { path?: string; sha256: string; acceptDifferent?: boolean }) => {
    const part = write(`1d/${ID}.audio.part`, bytes);
    const facts = {
      id: ID,
      kind: "audio",
      type: "mp4",
      partPath: part,
      bytes: bytes.length,
      sha256: sha256(bytes),
    } as const;
    return store.put(lost ? { ...facts, lost: { path: PATH, ...lost } } : facts);
  };

  it("for a lost file that is gone takes its name, with the bytes it had or with others that are accepted", async () => {
    expect(await put("bytes", { sha256: sha256("bytes") })).toEqual({ path: PATH, moved: true });
    rmSync(join(root, PATH));
    expect(await put("other", { sha256: sha256("bytes"), acceptDifferent: true })).toEqual({ path: PATH, moved: true });
  });

  it("for a lost file that is intact after all moves nothing of it", async () => {
    await put("bytes");
    expect(await put("bytes", { sha256: sha256("bytes") })).toEqual({ path: PATH, moved: false });
    expect(readdirSync(join(root, "1d")).filter((name) => name.includes(".bad"))).toEqual([]);
  });

  it("quarantines what is no file where the lost one was", async () => {
    mkdirSync(join(root, PATH), { recursive: true });
    expect(await put("bytes", { sha256: sha256("bytes") })).toEqual({ path: PATH, moved: true });
    expect(statSync(join(root, `${PATH}.bad`)).isDirectory()).toBe(true);
  });

  it("that differs is put beside once: the same bytes again are moved nowhere", async () => {
    const beside = { path: differingPath(ID, "m4a", sha256("others")), differs: true };
    expect(await put("others", { sha256: sha256("bytes") })).toEqual({ ...beside, moved: true });
    expect(await put("others", { sha256: sha256("bytes") })).toEqual({ ...beside, moved: false });
    expect(existsSync(join(root, PATH))).toBe(false);
  });

  it("that differs takes the name from other bytes there, which are quarantined; a folder there is in the way", async () => {
    const path = differingPath(ID, "m4a", sha256("others"));
    write(path, "not these");
    expect(await put("others", { sha256: sha256("bytes") })).toEqual({ path, moved: true, differs: true });
    expect([text(path), text(`${path}.bad`)]).toEqual(["others", "not these"]);
    rmSync(join(root, path));
    mkdirSync(join(root, path));
    await expect(put("others", { sha256: sha256("bytes") })).rejects.toMatchObject({ code: "asset_not_a_file" });
  });

  it("finds a folder in its way, and nothing is written", async () => {
    mkdirSync(join(root, PATH), { recursive: true });
    await expect(put("bytes")).rejects.toThrow(`folder in archive: ${join(root, PATH)}`);
  });

  it("that is not there is an error of the disk", async () => {
    const facts = { id: ID, kind: "audio", type: "mp4", partPath: join(root, "none"), bytes: 1, sha256: "x" } as const;
    mkdirSync(join(root, "1d"));
    await expect(store.put(facts)).rejects.toBeInstanceOf(DiskError);
  });

  it("a bad file is not quarantined through a symlink", async () => {
    mkdirSync(join(folder, "elsewhere"));
    writeFileSync(join(folder, "elsewhere/x.m4a"), "mine");
    symlinkSync(join(folder, "elsewhere"), join(root, "1d"));
    await expect(store.quarantine("1d/x.m4a")).rejects.toMatchObject({ code: "asset_not_a_file" });
    expect(readdirSync(join(folder, "elsewhere"))).toEqual(["x.m4a"]);
  });
});

describe("whose folder it is", () => {
  const marker = (id: string) => writeFileSync(join(root, ".producer-mirror"), id);
  const owner = () => readOwnership(root, "archive-1");

  it("is known by the id in its marker, without the blanks around it", async () => {
    expect(await owner()).toBe("ours");
    marker("  archive-1\n\n");
    expect(await owner()).toBe("ours");
    marker("archive-2\n");
    expect(await owner()).toEqual({ foreignId: "archive-2" });
  });

  it("an empty marker says nothing: by what else is there it is empty or unmarked", async () => {
    marker("\n");
    writeFileSync(join(root, ".producer-mirror.new"), "half");
    expect(await owner()).toBe("empty");
    mkdirSync(join(root, "1d"));
    expect(await owner()).toBe("unmarked");
  });

  it("is absent where nothing is; what is no folder is an error of the disk", async () => {
    rmSync(root, { recursive: true });
    expect(await owner()).toBe("absent");
    writeFileSync(root, "a file");
    await expect(owner()).rejects.toBeInstanceOf(DiskError);
  });

  it("has an id only where that can be one", async () => {
    expect(await markerOf(root)).toBeNull();
    marker(`${ID}\n`);
    expect(await markerOf(root)).toBe(ID);
    for (const id of [`${ID}0`, ID.slice(1), ID.toUpperCase(), ""]) {
      marker(id);
      expect(await markerOf(root)).toBeNull();
    }
    rmSync(join(root, ".producer-mirror"));
    expect(await markerOf(root)).toBeNull();
  });

  it.each<[Exclude<Ownership, "ours">, string, string]>([
    ["absent", "the assets folder is gone: /a", "mount the disk"],
    ["empty", "the assets folder is empty, though files are expected in it: /a", "mount the disk"],
    ["unmarked", "the assets folder does not belong to this archive: /a", "mount the disk"],
    [
      { foreignId: `x\u001b[31m${"y".repeat(99)}` },
      "the assets folder does not belong to this archive: /a",
      `it is marked as archive x??31m${"y".repeat(58)};`,
    ],
  ])("what is wrong with it: %j", (found, message, hint) => {
    expect(notOurs("/a", found)).toMatchObject({
      message,
      code: "assets_not_ours",
      exit: 7,
      hint: expect.stringContaining(hint),
    });
    expect(notOurs("/a", found).hint).toContain("--adopt-assets");
  });

  it("is ours again after it was adopted, whatever it was", async () => {
    marker("archive-2");
    await store.adopt();
    expect(await owner()).toBe("ours");
  });
});

describe("what is there", () => {
  it("nothing lies below a file; a symlink on the way is what is there", async () => {
    write("1d", "a file");
    expect(await store.stat("1d/x.m4a")).toBeNull();
    symlinkSync(folder, join(root, "2e"));
    expect(await store.stat("2e/x/y")).toMatchObject({ type: "symlink" });
    expect(await store.stat("3f/x")).toBeNull();
  });

  it("a path has at most 200 characters, of letters, digits, dots, lines, and begins with no dot", async () => {
    const long = `1d/${"x".repeat(197)}`;
    expect(store.locate(long)).toBe(join(root, long));
    for (const path of [`${long}x`, "1d/.x", ".x", "1d/x y", "1d/", "/1d", "1d/ü"])
      expect(() => store.locate(path)).toThrow(DiskError);
    expect(store.locate("-1/_x-y.m4a")).toBe(join(root, "-1/_x-y.m4a"));
  });

  it("a file is read from a byte to a byte, or whole", async () => {
    write("1d/x.m4a", "0123456789");
    const read = async (range?: { start?: number; end?: number }) =>
      Buffer.concat(await collect<Buffer>(await store.readStream("1d/x.m4a", range))).toString();
    expect([await read(), await read({ start: 3 }), await read({ start: 3, end: 5 })]).toEqual([
      "0123456789",
      "3456789",
      "345",
    ]);
    let bytes = 0;
    await store.sha256("1d/x.m4a", undefined, (count) => (bytes += count));
    expect(bytes).toBe(10);
    await using file = await store.get("1d/x.m4a");
    expect((await file.stat()).size).toBe(10);
  });

  it("only files of downloads are parts: in the folder of their stem, with a kind", async () => {
    const ours = [
      partPath(ID, "audio"),
      `${partPath(ID, "audio")}.json`,
      quarantinePath(ID, "image"),
      partPath("odd id", "stems"),
    ];
    const foreign = [
      "x.audio.part",
      `2e/${ID}.audio.part`,
      `1d/${ID}.part`,
      `1d/more/${ID}.audio.part`,
      `1dd/${ID}.audio.part`,
      `1d/${ID}.AUDIO.part`,
    ];
    for (const path of [...ours, ...foreign]) write(path, "abc");
    const parts = await collect(store.listParts());
    expect(parts.map(({ path }) => path).toSorted()).toEqual(ours.toSorted());
    expect(parts[0]).toMatchObject({ bytes: 3, modifiedAt: expect.any(Number) });
    for (const path of foreign) await expect(store.removePart(path)).rejects.toMatchObject({ code: "bad_asset_path" });
    for (const path of ours) await store.removePart(path);
    await store.removePart(ours[0]!);
    expect(await collect(store.listParts())).toEqual([]);
    expect(readdirSync(root, { recursive: true }).filter((name) => String(name).endsWith(".part"))).toHaveLength(
      foreign.length,
    );
  });

  it("a part that cannot be removed is an error of the disk", async () => {
    mkdirSync(join(root, partPath(ID, "audio")), { recursive: true });
    await expect(store.removePart(partPath(ID, "audio"))).rejects.toBeInstanceOf(DiskError);
  });
});

describe("names", () => {
  it("are the id up to 64 characters, then a digest of it; their folder is their beginning", () => {
    const long = `${ID}_${"1".repeat(27)}`;
    expect(long).toHaveLength(64);
    expect(stem(long)).toBe(long);
    expect(stem(`${long}1`)).toBe(`x-${sha256(`${long}1`).slice(0, 32)}`);
    expect([folderOf(ID), folderOf("odd")]).toEqual(["1d", "x-"]);
  });

  it("of a file: the version from the second on, a digest for one that differs, a kind for a part", () => {
    expect([1, 2, 10].map((version) => finalPath(ID, "m4a", version))).toEqual([
      `1d/${ID}.m4a`,
      `1d/${ID}.v2.m4a`,
      `1d/${ID}.v10.m4a`,
    ]);
    expect(differingPath(ID, "m4a", "0123456789abcdef")).toBe(`1d/${ID}.differs-01234567.m4a`);
    expect([partPath(ID, "image"), quarantinePath(ID, "image")]).toEqual([
      `1d/${ID}.image.part`,
      `1d/${ID}.image.bad.part`,
    ]);
    expect(["x.part", "x.part.json", "x.partial", "x.part.jsonl", "part", "xpart"].map(isPartName)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});
