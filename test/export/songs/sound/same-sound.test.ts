import { copyFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { compareSound } from "../../../../src/export/songs/sound/same-sound.ts";
import { makeFile } from "../../../../src/export/songs/write/make-file.ts";
import { writeTags } from "../../../../src/export/songs/write/write-tags.ts";
import { temporaryFolder } from "../../../helpers/temporary-archive.ts";
import { box, makeMp4, MEDIA, u32, type Layout } from "./make-mp4.ts";

const NOTE = " 00000000 00000840 0000037C 0000000000002FC4 00000000 00000000 00000000 00000000";
const TAGS = {
  title: "Größer",
  artist: "Ann Other",
  album: "2025-12",
  track: 7,
  date: "2025-12-30",
  genre: null,
  lyric: "Woke up ".repeat(200),
  cover: null,
  more: { MODEL: "FUZZ-2.0" },
};
const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());
let made = 0;

/** Exports one file with tags, and returns where the original and its copy lie. */
async function exported(bytes: Buffer, ending: string) {
  const name = `${made++}.${ending}`;
  const [original, copy] = [join(folder.path, name), join(folder.path, `copy-${name}`)];
  writeFileSync(original, bytes);
  const copyOf = { path: name, bytes: bytes.length, sha256: "of the original" };
  const file = {
    path: "",
    kind: "audio" as const,
    owner: "",
    modifiedAt: 0,
    print: "",
    content: { copyOf, tags: TAGS },
  };
  const { untagged } = await makeFile(
    { locate: (path) => join(folder.path, path), writeTags, mode: 0o644 },
    file,
    copy,
  );
  return { original, copy, untagged, bytes: readFileSync(copy) };
}

/** The samples that are found where a file says that they are, for files of `makeMp4`. */
function soundBy(bytes: Buffer): Buffer {
  const find = (type: string, after = 0) => bytes.indexOf(type, after, "latin1");
  const sizes = (at: number, count: number) =>
    Array.from({ length: count }, (_, one) => bytes.readUInt32BE(at + 4 * one));
  const read = (at: number, all: number[]) => bytes.subarray(at, at + all.reduce((sum, size) => sum + size, 0));
  const parts: Buffer[] = [];
  for (let moof = find("moof"); moof !== -1; moof = find("moof", moof + 4)) {
    const [header, run] = [find("tfhd", moof), find("trun", moof)];
    const base = bytes[header + 7] === 1 ? Number(bytes.readBigUInt64BE(header + 12)) : moof - 4;
    parts.push(read(base + bytes.readUInt32BE(run + 12), sizes(run + 16, bytes.readUInt32BE(run + 8))));
  }
  const all = sizes(find("stsz") + 16, bytes.readUInt32BE(find("stsz") + 12));
  const isLong = find("co64") !== -1;
  for (let chunk = 0; chunk * 4 < all.length; chunk++) {
    const at = isLong
      ? Number(bytes.readBigUInt64BE(find("co64") + 12 + 8 * chunk))
      : bytes.readUInt32BE(find("stco") + 12 + 4 * chunk);
    parts.push(read(at, all.slice(chunk * 4, chunk * 4 + 4)));
  }
  return Buffer.concat(parts);
}

const LAYOUTS: [string, Layout][] = [
  ["tables before the sound", {}],
  ["tables before the sound and no room for tags", { room: "none" }],
  ["long tables before the sound and no room for tags", { room: "none", tables: "co64" }],
  ["tables behind the sound and no room for tags", { room: "none", soundFirst: true }],
  ["fragments with absolute offsets and no room for tags", { room: "none", fragments: "absolute", mfra: true }],
  ["room for tags in its track alone", { room: "in its track" }],
  ["room for tags in its track and in the movie", { room: "in both" }],
  ["tables behind the sound", { soundFirst: true }],
  ["long tables before the sound", { tables: "co64" }],
  ["long tables behind the sound", { tables: "co64", soundFirst: true }],
  ["fragments with absolute offsets", { fragments: "absolute" }],
  [
    "fragments with absolute offsets and a table of them",
    { fragments: "absolute", mfra: true, sidx: "after the movie" },
  ],
  ["fragments that count from themselves", { fragments: "from the fragment", mfra: true }],
  ["fragments that do not say from where they count", { fragments: "implied", sidx: "after the movie" }],
  ["a gapless note", { gapless: NOTE }],
];

describe.each(LAYOUTS)("a song with %s", (_, layout) => {
  test("has tags, and its sound where its own tables say", async () => {
    const bytes = makeMp4(layout);
    const copy = await exported(bytes, "m4a");
    expect(copy.untagged).toBeUndefined();
    expect(copy.bytes.includes("Größer")).toBe(true);
    expect(soundBy(bytes).length).toBeGreaterThan(1000);
    expect(soundBy(copy.bytes)).toEqual(soundBy(bytes));
    expect(copy.bytes.includes(NOTE)).toBe(layout.gapless !== undefined);
    if (!layout.mfra) return;
    const table = copy.bytes.lastIndexOf("tfra", undefined, "latin1");
    for (const at of [0, 1, 2]) {
      const offset = copy.bytes.readUInt32BE(table + 24 + 11 * at);
      expect(copy.bytes.toString("latin1", offset + 4, offset + 8)).toBe("moof");
    }
  });
});

test.each<[string, Buffer]>([
  ["an index that is before what grows", makeMp4({ fragments: "implied", sidx: "before the movie" })],
  ["offsets in a table that is not understood", makeMp4({ saio: true })],
  ["offsets in a table behind the sound that is not understood", makeMp4({ saio: true, soundFirst: true })],
  ["tables that name more than the file has", makeMp4({}).subarray(0, -20)],
  ["no sound", Buffer.concat([makeMp4({}).subarray(0, 28), box("mdat", u32(1, 2, 3))])],
])("a song with %s is a plain copy, and is listed as one", async (_, bytes) => {
  const copy = await exported(bytes, "m4a");
  expect(copy.untagged).toMatch(/\w/);
  expect(copy.untagged).not.toMatch(/undefined|properties|function|reading '/);
  expect(copy.bytes).toEqual(bytes);
});

describe("a copy is not the same sound when", () => {
  const song = makeMp4({ gapless: NOTE });
  const inFragments = makeMp4({ fragments: "absolute", mfra: true, sidx: "after the movie" });
  const gapless = readFileSync(join(MEDIA, "song.mp3"));
  const wav = readFileSync(join(MEDIA, "sound.wav"));
  const behind = (bytes: Buffer, word: string, more: number) => bytes.indexOf(word, 0, "latin1") + more;
  test.each<[string, string, Buffer, number]>([
    ["one offset in its table is another", "m4a", song, behind(song, "stco", 19)],
    ["a packet differs", "m4a", song, song.length - 1],
    ["a packet has another size", "m4a", song, behind(song, "stsz", 19)],
    ["packets last longer", "m4a", song, behind(song, "stts", 19)],
    ["its edit list begins elsewhere", "m4a", song, behind(song, "elst", 19)],
    ["its clock is another", "m4a", song, behind(song, "mdhd", 19)],
    ["its decoder is set up in another way", "m4a", song, behind(song, "esds", 30)],
    ["its gapless note differs", "m4a", song, behind(song, "00000840", 7)],
    ["a fragment counts from elsewhere", "m4a", inFragments, behind(inFragments, "tfhd", 19)],
    ["a fragment begins at another time", "m4a", inFragments, behind(inFragments, "tfdt", 11)],
    ["the table of fragments names another offset", "m4a", inFragments, behind(inFragments, "tfra", 27)],
    ["the index of segments names another offset", "m4a", inFragments, behind(inFragments, "sidx", 23)],
    ["its information frame differs", "mp3", gapless, behind(gapless, "Info", 16)],
    ["its last frame differs", "mp3", gapless, gapless.length - 10],
    ["its format differs", "wav", wav, behind(wav, "fmt ", 8)],
    ["its last sample differs", "wav", wav, wav.length - 1],
  ])("%s", (_, ending, bytes, at) => {
    const [original, copy] = [join(folder.path, `original.${ending}`), join(folder.path, `changed.${ending}`)];
    writeFileSync(original, bytes);
    copyFileSync(original, copy);
    compareSound(original, copy, ending);
    const changed = Buffer.from(bytes);
    changed[at]! ^= 1;
    writeFileSync(copy, changed);
    expect(() => compareSound(original, copy, ending)).toThrow(/\w/);
  });

  test.each(["m4a", "mp3", "wav"])("it is cut: %s", (ending) => {
    const bytes = { m4a: song, mp3: gapless, wav }[ending] ?? song;
    const [original, copy] = [join(folder.path, `original.${ending}`), join(folder.path, `cut.${ending}`)];
    writeFileSync(original, bytes);
    writeFileSync(copy, bytes.subarray(0, -7));
    expect(() => compareSound(original, copy, ending)).toThrow(/\w/);
    expect(statSync(copy).size).toBe(bytes.length - 7);
  });
});

test("a gapless note in the tag of an MP3 stays", async () => {
  const comment = Buffer.concat([Buffer.from([0]), Buffer.from("engiTunSMPB\0"), Buffer.from(NOTE)]);
  const frame = Buffer.concat([Buffer.from("COMM"), u32(comment.length), Buffer.from([0, 0]), comment]);
  const size = frame.length;
  const tag = Buffer.concat([Buffer.from("ID3\x03\0\0"), Buffer.from([0, 0, size >> 7, size & 127]), frame]);
  const { untagged, bytes } = await exported(Buffer.concat([tag, readFileSync(join(MEDIA, "bare.mp3"))]), "mp3");
  expect(untagged).toBeUndefined();
  expect(bytes.toString("latin1").replaceAll("\0", "")).toContain(NOTE);
});
