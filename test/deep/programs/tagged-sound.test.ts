import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { makeFile } from "../../../src/export/songs/write/make-file.ts";
import { writeTags } from "../../../src/export/songs/write/write-tags.ts";
import { makeMp4 } from "../../export/songs/sound/make-mp4.ts";
import { temporaryFolder } from "../../helpers/temporary-archive.ts";
import { has } from "../../helpers/needs.ts";

const TAGS = {
  title: "Größer",
  artist: "Ann Other",
  album: "2025-12",
  track: 7,
  date: "2025-12-30",
  genre: null,
  lyric: "Woke up ".repeat(500),
  cover: null,
  more: {},
};
const NOTE = " 00000000 00000840 0000037C 00000000000020C4 00000000 00000000 00000000 00000000";
const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

function run(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, ["-v", "error", ...args], { encoding: "utf8" });
  expect({ args, status, stderr }).toEqual({ args, status: 0, stderr: "" });
  return stdout;
}

/** Each packet with its bytes and times, and what is heard in the end. */
function heard(path: string) {
  const packets = ["-show_entries", "packet=pts,dts,duration,size,flags,data_hash:stream=start_pts,duration_ts"];
  const sound = ["-map", "0:a", "-f", "md5", "-"];
  return [run("ffprobe", ...packets, "-show_data_hash", "md5", path), run("ffmpeg", "-i", path, ...sound)];
}

describe.skipIf(!has("ffmpeg"))("ffmpeg hears the same in a copy with tags", () => {
  const flags = (...words: string[]) => ["-movflags", words.join("")];
  test.each<[string, string, string[]]>([
    ["tables behind", "m4a", []],
    ["tables before", "m4a", flags("+faststart")],
    ["fragments with absolute offsets", "m4a", flags("+frag_keyframe+empty_moov")],
    ["fragments behind a first part", "m4a", flags("+frag_keyframe")],
    ["fragments from themselves", "m4a", flags("+frag_keyframe+empty_moov+default_base_moof")],
    ["segments with an index", "m4a", [...flags("+dash+global_sidx"), "-frag_duration", "500000"]],
    ["CMAF", "m4a", flags("+cmaf")],
    ["a LAME header", "mp3", []],
    ["no LAME header", "mp3", ["-write_xing", "0"]],
    ["an old tag at each end", "mp3", ["-write_id3v1", "1", "-metadata", "title=Old"]],
    ["16 bits", "wav", []],
    ["float, and old tags", "wav", ["-c:a", "pcm_f32le", "-metadata", "title=Old"]],
    ["an odd number of bytes", "wav", ["-c:a", "pcm_u8", "-ac", "1", "-af", "atrim=end_sample=9999"]],
  ])("%s (%s)", async (name, ending, args) => {
    const path = join(folder.path, `${name}.${ending}`);
    run("ffmpeg", "-f", "lavfi", "-i", "sine=440:d=3", ...args, path);
    expect((await exportTagged(path, ending)).untagged).toBeUndefined();
  });

  test.each(["absolute", "from the fragment", "implied"] as const)("offsets that are %s", async (fragments) => {
    const path = join(folder.path, `${fragments}.m4a`);
    writeFileSync(path, makeMp4({ fragments, mfra: true, sidx: "after the movie" }));
    expect((await exportTagged(path, "m4a")).untagged).toBeUndefined();
  });

  test("a gapless note", async () => {
    const path = join(folder.path, "gapless.m4a");
    writeFileSync(path, makeMp4({ gapless: NOTE }));
    expect((await exportTagged(path, "m4a")).untagged).toBeUndefined();
  });

  test("an index before what grows: as a plain copy", async () => {
    const path = join(folder.path, "early.m4a");
    writeFileSync(path, makeMp4({ fragments: "absolute", sidx: "before the movie" }));
    expect((await exportTagged(path, "m4a")).untagged).toMatch(/played/);
  });
});

async function exportTagged(path: string, ending: string) {
  const copy = `${path}.copy.${ending}`;
  const copyOf = { path, bytes: readFileSync(path).length, sha256: "" };
  const file = {
    path: "",
    kind: "audio" as const,
    owner: "",
    modifiedAt: 0,
    print: "",
    content: { copyOf, tags: TAGS },
  };
  const made = await makeFile({ locate: () => path, writeTags, mode: 0o644 }, file, copy);
  expect(heard(copy)).toEqual(heard(path));
  return made;
}
