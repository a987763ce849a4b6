import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseFile } from "music-metadata";
import { describe, expect, test } from "vitest";
import type { Tags } from "../../../../src/export/songs/plan/planned-file.ts";
import { writeTags } from "../../../../src/export/songs/write/write-tags.ts";
import { temporaryFolder } from "../../../helpers/temporary-archive.ts";
import { sha256 } from "../../../helpers/folder-tree.ts";
import { has } from "../../../helpers/needs.ts";

const MEDIA = join(import.meta.dirname, "../../../fixtures/media");
const COVER = { bytes: readFileSync(join(MEDIA, "cover.jpg")), type: "image/jpeg" as const };
const TAGS: Tags = {
  title: "Größer 春の夜",
  artist: "Ann Other",
  album: "2025-12",
  track: 7,
  date: "2025-12-30",
  genre: "indie folk",
  lyric: "[Verse]\nWoke up\n春",
  cover: null,
  more: { MODEL: "FUZZ-2.0 Pro", ACTION: "cover", SEED: "1490770667" },
};
const FILES = [
  "plain.m4a",
  "faststart.m4a",
  "fragmented.m4a",
  "dash.m4a",
  "itunes.m4a",
  "tagged.m4a",
  "bare.mp3",
  "song.mp3",
  "sound.wav",
  "piped.wav",
];

describe.each(FILES)("tags in %s", (name) => {
  const ending = name.split(".").at(-1) ?? "";

  test("are read by another library, whatever was there before", async () => {
    using folder = temporaryFolder();
    const path = tagged(name, folder.path);
    const { common, native } = await parseFile(path);
    const { title, artist, album, date, genre } = TAGS;
    expect(common).toMatchObject({ title, artist, albumartist: artist, album, date, genre: [genre], track: { no: 7 } });
    expect(common.lyrics?.map(({ text, syncText }) => text ?? syncText.map((line) => line.text).join("\n"))).toEqual([
      TAGS.lyric,
    ]);
    expect(sha256(Buffer.from(common.picture?.[0]?.data ?? []))).toBe(sha256(COVER.bytes));
    const own = Object.values(native)
      .flat()
      .flatMap(({ id, value }) => (/(MODEL|ACTION|SEED)$/.test(id) ? [String(value)] : []));
    expect(own.toSorted()).toEqual(Object.values(TAGS.more).toSorted());
  });

  test("leave the sound as it is, and are the same bytes every time", () => {
    using folder = temporaryFolder();
    const before = readFileSync(join(MEDIA, name));
    const after = readFileSync(tagged(name, folder.path));
    expect(soundOf(before, ending).length).toBeGreaterThan(1000);
    expect(sha256(soundOf(after, ending))).toBe(sha256(soundOf(before, ending)));
    using other = temporaryFolder();
    expect(sha256(readFileSync(tagged(name, other.path)))).toBe(sha256(after));
  });

  test.skipIf(!has("ffmpeg"))("leave each packet as it is, says ffmpeg", () => {
    using folder = temporaryFolder();
    const packets = (path: string) => {
      const { status, stdout } = spawnSync(
        "ffmpeg",
        ["-v", "error", "-i", path, "-map", "0:a", "-c", "copy", "-f", "md5", "-"],
        { encoding: "utf8" },
      );
      return { status, stdout };
    };
    expect(packets(tagged(name, folder.path))).toEqual(packets(join(MEDIA, name)));
  });
});

function tagged(name: string, folder: string): string {
  const path = join(folder, ".producer-mirror-0.part");
  copyFileSync(join(MEDIA, name), path);
  writeTags(path, name.split(".").at(-1) ?? "", TAGS, COVER);
  return path;
}

/** The sound of a file, by a walk of its own: `mdat` boxes, the `data` chunk, what lies between ID3 tags. */
function soundOf(bytes: Buffer, ending: string): Buffer {
  if (ending === "mp3") return betweenTags(bytes);
  const found: Buffer[] = [];
  const isWav = ending === "wav";
  for (let at = isWav ? 12 : 0; at + 8 <= bytes.length;) {
    const length = isWav ? bytes.readUInt32LE(at + 4) + 8 : bytes.readUInt32BE(at);
    const type = bytes.toString("latin1", at + (isWav ? 0 : 4), at + (isWav ? 4 : 8));
    // A pipe cannot go back to fill in how long it was.
    const end = isWav && length - 8 >= 0xfffffff0 ? bytes.length : at + length;
    if (type === "mdat" || type === "data") found.push(bytes.subarray(at + 8, end));
    at = end + (isWav ? length % 2 : 0);
  }
  return Buffer.concat(found);
}

function betweenTags(bytes: Buffer): Buffer {
  const hasTag = bytes.toString("latin1", 0, 3) === "ID3";
  const size = hasTag ? bytes.subarray(6, 10).reduce((sum, byte) => sum * 128 + byte, 0) + 10 : 0;
  const end =
    bytes.toString("latin1", bytes.length - 128, bytes.length - 125) === "TAG" ? bytes.length - 128 : bytes.length;
  return bytes.subarray(size, end);
}
