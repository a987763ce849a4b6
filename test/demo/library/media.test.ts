import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { assetBytes } from "../../../src/demo/service/asset-bytes.ts";
import { SONG_FILES } from "../../../src/demo/library/media-list.ts";
import { readMedia } from "../../../src/demo/library/media.ts";
import { movieSeconds, topBoxes } from "./boxes.ts";
import { has } from "../../helpers/needs.ts";

const MEDIA = join(import.meta.dirname, "../../../src/demo/library/media");
const run = promisify(execFile);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "demo-media-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("all media together are small", async () => {
  const sizes = await Promise.all((await readdir(MEDIA)).map(async (name) => (await stat(join(MEDIA, name))).size));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(400_000);
});

test.each(SONG_FILES)("$file is a faststart MP4 of $duration s", ({ file, duration }) => {
  const bytes = readMedia(file);
  expect(topBoxes(bytes)).toEqual(["ftyp", "moov", "free", "mdat"]);
  expect(movieSeconds(bytes)).toBeCloseTo(Number(duration), 4);
});

test("served files have the structure of their kind", () => {
  const of = (kind: Parameters<typeof assetBytes>[0]["kind"]) => assetBytes({ kind, id: "an-id" });
  for (const kind of ["audio", "preview", "video"] as const) expect(topBoxes(of(kind)).at(-1)).toBe("free");
  const [jpeg, wav, zip] = [of("image"), of("wav"), of("stems")];
  expect([jpeg.subarray(0, 4).toString("hex"), jpeg.subarray(-2).toString("hex")]).toEqual(["ffd8ffe0", "ffd9"]);
  expect([wav.toString("latin1", 0, 4), wav.readUInt32LE(4)]).toEqual(["RIFF", wav.length - 8]);
  expect(zip.subarray(0, 4).toString("hex")).toBe("504b0304");
  expect(zip.lastIndexOf(Buffer.from("504b0506", "hex"))).toBe(
    zip.length - 22 - zip.readUInt16LE(zip.length - "stems an-id".length - 2),
  );
});

test.skipIf(!has("ffmpeg"))("all files decode without errors", async () => {
  const files = [
    ...SONG_FILES.map((_, n) => [`${n}.m4a`, assetBytes({ kind: "audio", id: `clip ${n}` })] as const),
    ["p.m4a", assetBytes({ kind: "preview", id: "x" })],
    ["big.m4a", assetBytes({ kind: "audio", id: "x" }, "2", 300_000)],
    ["i.jpg", assetBytes({ kind: "image", id: "x" })],
    ["w.wav", assetBytes({ kind: "wav", id: "x" })],
    ["v.mp4", assetBytes({ kind: "video", id: "x" })],
  ] as const;
  for (const [name, bytes] of files) {
    await writeFile(join(folder, name), bytes);
    const args = ["-v", "error", "-xerror", "-i", join(folder, name), "-f", "null", "-"];
    expect(await run("ffmpeg", args)).toMatchObject({ stderr: "" });
  }
});
