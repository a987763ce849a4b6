import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import { coverPixels, COVER_SIZE } from "./demo-media/cover.ts";
import { SONGS, synthesise, type SongPlan } from "./demo-media/song.ts";
import { wavOf } from "./demo-media/wav.ts";
import { zipOf } from "./demo-media/zip.ts";

/**
 * Makes the short songs, covers and other files of the demo service, and the list of them.
 * Run by hand (`node tools/make-demo-media.ts`, needs ffmpeg); the results are committed.
 */
const root = join(import.meta.dirname, "..");
const media = join(root, "src/demo/library/media");
const list = join(root, "src/demo/library/media-list.ts");
const RATE = 44_100;
const MAX_TOTAL = 400_000;
const EXACT = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact", "-flags:v", "+bitexact"];
/** The segment that nearly every JPEG begins with; ffmpeg leaves it out with the flag `bitexact`. */
const JFIF = Buffer.from("ffe000104a46494600010100000100010000", "hex");
const FASTSTART = ["-movflags", "+faststart", "-movie_timescale", String(RATE)];

await main();

async function main(): Promise<void> {
  await mkdir(media, { recursive: true });
  for (const name of await readdir(media)) if (name !== "README.md") await rm(join(media, name));
  const songs = SONGS.map((plan, index) => ({ file: `song-${two(index + 1)}.m4a`, plan }));
  for (const { file, plan } of songs) encodeSong(plan, join(media, file));
  for (const [index] of SONGS.entries()) encodeCover(index, join(media, `cover-${two(index + 1)}.jpg`));
  const first = SONGS[0] as SongPlan;
  encodeSong({ ...first, beats: 2 }, join(media, "preview.m4a"));
  await writeFile(join(media, "song.wav"), wavOf(synthesise({ ...first, beats: 4 }, 16_000), 16_000));
  encodeVideo(join(media, "song.mp4"));
  await writeFile(join(media, "stems.zip"), zipOf(stems(first)));
  await writeFile(list, listText(songs.map(({ file }) => ({ file, duration: durationOf(join(media, file)) }))));
  await checkTotal();
}

function encodeSong(plan: SongPlan, path: string): void {
  const input = ["-f", "wav", "-i", "pipe:0"];
  ffmpeg([...input, ...EXACT, "-c:a", "aac", "-b:a", "22k", ...FASTSTART, path], wavOf(synthesise(plan, RATE), RATE));
  ffmpeg(["-xerror", "-i", path, "-f", "null", "-"]);
}

function encodeCover(index: number, path: string): void {
  const size = `${COVER_SIZE}x${COVER_SIZE}`;
  const input = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-i", "pipe:0"];
  ffmpeg([...input, ...EXACT, "-frames:v", "1", "-q:v", "5", "-update", "1", path], coverPixels(index));
  const [start, rest] = [readFileSync(path).subarray(0, 2), readFileSync(path).subarray(2)];
  writeFileSync(path, Buffer.concat([start, JFIF, rest]));
}

function encodeVideo(path: string): void {
  const [cover, song] = [join(media, "cover-01.jpg"), join(media, "song-01.m4a")];
  const picture = ["-c:v", "libx264", "-preset", "veryslow", "-r", "10", "-pix_fmt", "yuv420p", "-vf", "scale=160:160"];
  ffmpeg([
    "-loop",
    "1",
    "-i",
    cover,
    "-i",
    song,
    ...EXACT,
    ...picture,
    "-c:a",
    "copy",
    "-t",
    durationOf(song),
    ...FASTSTART,
    path,
  ]);
}

/** The parts of the first song as separate files, as a stems task delivers them. */
function stems(plan: SongPlan): { name: string; data: Buffer }[] {
  return (["melody", "bass", "chords"] as const).map((part) => {
    const path = join(media, `${part}.m4a`);
    encodeSong({ ...plan, beats: 4, only: part }, path);
    const data = readFileSync(path);
    rmSync(path);
    return { name: `${part}.m4a`, data };
  });
}

/** Seconds with all digits, as the API writes them. */
function durationOf(path: string): string {
  const args = ["-v", "error", "-show_entries", "stream=duration_ts", "-of", "csv=p=0", path];
  return String(Number(execFileSync("ffprobe", args, { encoding: "utf8" })) / RATE);
}

function listText(songs: { file: string; duration: string }[]): string {
  const rows = songs.map(({ file, duration }) => `  { file: "${file}", duration: "${duration}" },`);
  return [
    "/** Written by tools/make-demo-media.ts: the songs of media/ with their seconds, as the API writes them. */",
    "export const SONG_FILES = [",
    ...rows,
    "] as const;",
    "",
    "/** As many covers as songs, `cover-01.jpg` onwards. */",
    `export const COVER_COUNT = ${songs.length};`,
    "",
  ].join("\n");
}

async function checkTotal(): Promise<void> {
  const names = await readdir(media);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(media, name))).size));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  console.log(names.map((name, index) => `${name} ${sizes[index]}`).join("\n"), `\n${total} bytes in all`);
  if (total > MAX_TOTAL) throw new Error(`the media take ${total} bytes, more than ${MAX_TOTAL}`);
}

function ffmpeg(args: string[], input?: Buffer): void {
  execFileSync("ffmpeg", ["-y", "-v", "error", ...args], {
    ...(input && { input }),
    stdio: ["pipe", "ignore", "inherit"],
  });
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
