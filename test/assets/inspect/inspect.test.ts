import fc from "fast-check";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { createInspector, inspectBytes, type Inspection } from "../../../src/assets/inspect/inspect.ts";
import type { AssetKind } from "../../../src/lib/asset-kinds.ts";
import { media } from "../download/setup.ts";

const song = media("faststart.m4a");
const jpg = media("cover.jpg");
const png = media("cover.png");
const wav = media("sound.wav");
const webp = media("cover.webp");
const mp3 = media("song.mp3");
const zip = media("stems.zip");

function box(type: string, payload: Buffer = Buffer.alloc(0), size?: number): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(size ?? payload.length + 8, 0);
  header.write(type, 4, "latin1");
  return Buffer.concat([header, payload]);
}

function largeBox(type: string, payload: Buffer): Buffer {
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(payload.length + 16));
  return Buffer.concat([box(type, size, 1), payload]);
}

/** mvhd of version 1: 64-bit times. */
function longMvhd(timescale: number, duration: bigint): Buffer {
  const payload = Buffer.alloc(112);
  payload[0] = 1;
  payload.writeUInt32BE(timescale, 20);
  payload.writeBigUInt64BE(duration, 24);
  return box("mvhd", payload);
}

function patched(bytes: Buffer, at: number, value: number[]): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(value, at);
  return copy;
}

const ftyp = box("ftyp", Buffer.from("M4A \0\0\0\0isom"));
const mdat = box("mdat", Buffer.alloc(100, 1));
const moov = box("moov", longMvhd(1000, 135_233n));
const id3v1 = Buffer.concat([Buffer.from("TAG"), Buffer.alloc(125)]);

const GOOD: [string, AssetKind, Buffer, Partial<Inspection>][] = [
  ["faststart m4a", "audio", song, { type: "mp4", durationSeconds: 1.2, note: null }],
  ["plain m4a", "audio", media("plain.m4a"), { durationSeconds: 1.2 }],
  ["m4a for iTunes", "audio", media("itunes.m4a"), { durationSeconds: 1.2 }],
  ["m4a with tags", "audio", media("tagged.m4a"), { type: "mp4" }],
  ["fragmented m4a", "audio", media("fragmented.m4a"), { durationSeconds: null }],
  ["m4a for DASH", "audio", media("dash.m4a"), { type: "mp4" }],
  [
    "64-bit box and times",
    "audio",
    Buffer.concat([ftyp, moov, largeBox("mdat", Buffer.alloc(50))]),
    { durationSeconds: 135.233 },
  ],
  [
    "a last box that goes to the end",
    "audio",
    Buffer.concat([ftyp, moov, box("mdat", Buffer.alloc(9), 0)]),
    { type: "mp4" },
  ],
  ["a moov without mvhd", "audio", Buffer.concat([ftyp, box("moov"), mdat]), { durationSeconds: null }],
  [
    "a duration that is not known",
    "audio",
    Buffer.concat([ftyp, box("moov", longMvhd(0, 1n)), mdat]),
    { durationSeconds: null },
  ],
  ["mp4 with video", "video", media("clip.mp4"), { type: "mp4", durationSeconds: 1 }],
  ["mp3 with ID3v2 and Xing", "audio", mp3, { type: "mp3", note: null }],
  ["mp3 of frames alone", "audio", media("bare.mp3"), { type: "mp3" }],
  ["mp3 with ID3v1", "audio", Buffer.concat([mp3, id3v1]), { note: null }],
  ["mp3 with zeros behind", "audio", Buffer.concat([mp3, Buffer.alloc(50)]), { note: "50 bytes after the end" }],
  ["wav as audio", "audio", wav, { type: "wav", durationSeconds: 0.25 }],
  ["wav as wav", "wav", wav, { type: "wav", note: null }],
  ["wav from a pipe", "wav", media("piped.wav"), { durationSeconds: 0.1, note: "the file does not state its size" }],
  ["baseline jpeg", "image", jpg, { type: "jpg", note: null, durationSeconds: null }],
  ["progressive jpeg", "image", media("progressive.jpg"), { type: "jpg" }],
  ["jpeg of one pixel", "image", media("pixel.jpg"), { type: "jpg" }],
  [
    "jpeg with a zip behind",
    "image",
    Buffer.concat([jpg, zip]),
    { type: "jpg", note: `${zip.length} bytes after the end` },
  ],
  [
    "jpeg with an end marker inside a segment",
    "image",
    Buffer.concat([jpg.subarray(0, 2), Buffer.from([0xff, 0xe1, 0, 4, 0xff, 0xd9]), jpg.subarray(2)]),
    { note: null },
  ],
  [
    "jpeg with fill bytes",
    "image",
    Buffer.concat([jpg.subarray(0, 2), Buffer.from([0xff, 0xff]), jpg.subarray(2)]),
    { type: "jpg" },
  ],
  ["png", "image", png, { type: "png", note: null }],
  ["png with bytes behind", "image", Buffer.concat([png, Buffer.from("x")]), { note: "1 bytes after the end" }],
  ["lossy webp", "image", webp, { type: "webp", note: null }],
  ["lossless webp", "image", media("lossless.webp"), { type: "webp" }],
  ["zip", "stems", zip, { type: "zip", note: null }],
  [
    "zip with a comment",
    "stems",
    patched(Buffer.concat([zip, Buffer.from("hi")]), zip.length - 2, [2, 0]),
    { type: "zip" },
  ],
];

const BAD: [string, AssetKind, Buffer | string, RegExp][] = [
  ["empty", "audio", "", /^empty: 0 bytes$/],
  ["one byte", "audio", "x", /^not an MP4, MP3 or WAV \(starts with "x"\)$/],
  ["html", "audio", "\ufeff\n<!DOCTYPE html><html>", /but an HTML page \(starts with/],
  ["html that begins with a comment", "audio", "<!-- x --><html>", /but an HTML page/],
  ["a login page", "image", "<head><title>Log in</title>", /^not a JPEG, PNG or WebP but an HTML page/],
  ["xml", "audio", "<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", /but XML/],
  ["json", "audio", '{"error":"expired"}', /but JSON \(starts with "\{"error":"expired"\}"\)/],
  ["a playlist", "audio", "#EXTM3U\nhttp://127.0.0.1/", /but an HLS playlist/],
  ["svg with script", "image", '<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', /but an SVG/],
  ["svg behind an xml header", "image", "<?xml version='1.0'?>\n<svg/>", /but an SVG/],
  ["gif", "image", "GIF89a\x01\0\x01\0", /but a GIF/],
  ["an executable", "audio", "MZ\x90\0", /but an executable/],
  ["an ELF file", "stems", "\x7fELF\x02", /^not a ZIP but an executable/],
  ["a script", "audio", "#!/bin/sh\n", /but an executable/],
  ["pdf", "image", "%PDF-1.7", /but a PDF/],
  ["ogg", "audio", "OggS\0", /but an Ogg file/],
  ["gzip", "stems", gzipSync("x"), /but gzip/],
  ["webm", "video", Buffer.from([0x1a, 0x45, 0xdf, 0xa3]), /^not an MP4 but a WebM/],
  ["raw aac", "audio", Buffer.from([0xff, 0xf1, 0x50, 0x80, 0, 0]), /but raw AAC/],
  ["zero bytes", "audio", Buffer.alloc(4096), /but zero bytes/],
  ["a jpeg as audio", "audio", jpg, /but jpg data/],
  ["an m4a as a cover", "image", song, /but mp4 data/],
  ["an mp3 as wav", "wav", mp3, /^not a WAV but mp3 data/],
  ["an m4a as wav", "wav", song, /but mp4 data/],
  ["a wav as video", "video", wav, /but wav data/],
  ["m4a cut at 43 %", "audio", song.subarray(0, Math.floor(song.length * 0.43)), /cut short/],
  ["m4a with one byte behind", "audio", Buffer.concat([song, Buffer.from("x")]), /1 bytes after the last box/],
  ["m4a with text behind", "audio", Buffer.concat([song, Buffer.from("\n<html>error</html>")]), /mp4/],
  [
    "m4a with a piece of itself behind, which looks like a box without an end",
    "audio",
    Buffer.concat([song, Buffer.from("\0\0\0\0!hdlr")]),
    /appended/,
  ],
  [
    "m4a with a whole box of its moov behind",
    "audio",
    Buffer.concat([song, box("sgpd", Buffer.alloc(18))]),
    /a sgpd box where none can be/,
  ],
  [
    "m4a with a tag behind",
    "audio",
    Buffer.concat([song, box("\u00a9too", Buffer.alloc(18))]),
    /no box where a box should be/,
  ],
  ["m4a without moov", "audio", Buffer.concat([ftyp, mdat]), /no moov/],
  ["m4a without mdat", "audio", Buffer.concat([ftyp, moov]), /no media data/],
  ["m4a with an empty mdat", "audio", Buffer.concat([ftyp, moov, box("mdat")]), /no media data/],
  ["moov first", "audio", Buffer.concat([moov, ftyp, mdat]), /^not an MP4/],
  ["a box of size 4", "audio", Buffer.concat([ftyp, box("free", Buffer.alloc(0), 4), moov, mdat]), /impossible size/],
  [
    "a box larger than anything",
    "audio",
    Buffer.concat([ftyp, box("mdat", Buffer.alloc(8, 255), 1)]),
    /impossible size/,
  ],
  [
    "a box larger than the file",
    "audio",
    Buffer.concat([ftyp, moov, box("mdat", Buffer.alloc(100), 999)]),
    /cut short/,
  ],
  [
    "a fragment without its data",
    "audio",
    Buffer.concat([ftyp, moov, mdat, box("moof", Buffer.alloc(8))]),
    /cut short/,
  ],
  ["an avif", "image", box("ftyp", Buffer.from("avif\0\0\0\0")), /but mp4 data/],
  ["jpeg of two markers", "image", Buffer.from([0xff, 0xd8, 0xff, 0xd9]), /no image data/],
  ["jpeg without its end", "image", jpg.subarray(0, -2), /cut short/],
  ["jpeg with a wrong marker", "image", patched(jpg, 2, [0x00]), /./],
  ["jpeg with a segment of length 1", "image", patched(jpg, 4, [0, 1]), /impossible length/],
  ["png without IEND", "image", png.subarray(0, -12), /cut short/],
  ["png without IHDR", "image", patched(png, 12, [0x49, 0x44, 0x41, 0x54]), /IHDR/],
  ["png without image data", "image", Buffer.concat([png.subarray(0, 33), png.subarray(-12)]), /no image data/],
  ["webp that is cut", "image", webp.subarray(0, -1), /cut short/],
  ["webp of something else", "image", patched(webp, 12, [0x41]), /no image data/],
  ["wav that is cut", "wav", wav.subarray(0, -1), /cut short/],
  ["wav without sound", "wav", Buffer.concat([patched(wav.subarray(0, 36), 4, [28, 0, 0, 0])]), /no sound/],
  ["wav of zero bytes per second", "wav", patched(wav, 28, [0, 0, 0, 0]), /zero bytes per second/],
  ["mp3 that is cut", "audio", mp3.subarray(0, -1), /cut short/],
  ["mp3 cut between two frames", "audio", mp3.subarray(0, mp3.length - 156), /cut short/],
  ["an ID3 tag alone", "audio", mp3.subarray(0, 40), /cut short/],
  [
    "an ID3 tag before something else",
    "audio",
    Buffer.concat([Buffer.from("ID3\x04\0\0\0\0\0\0"), Buffer.from("x".repeat(900))]),
    /no MP3 frames/,
  ],
  ["zip that is cut", "stems", zip.subarray(0, -1), /cut short/],
  ["zip with bytes behind", "stems", Buffer.concat([zip, Buffer.from("x")]), /cut short/],
  ["an empty zip", "stems", Buffer.concat([Buffer.from("PK\x05\x06"), Buffer.alloc(18)]), /empty ZIP/],
  ["zip whose directory lies elsewhere", "stems", patched(zip, zip.length - 6, [1, 0, 0, 0]), /not where it should be/],
  ["zip that claims more entries", "stems", patched(zip, zip.length - 12, [9, 0]), /directory is broken/],
];

describe("good files", () => {
  test.each(GOOD)("%s", (_name, kind, bytes, verdict) =>
    expect(inspectBytes(kind, bytes)).toMatchObject({ ok: true, ...verdict }),
  );
});

describe("bad files", () => {
  test.each(BAD)("E70, E72, E73: %s", (_name, kind, bytes, problem) => {
    const verdict = inspectBytes(
      kind,
      typeof bytes === "string" ? Buffer.from(bytes, bytes.startsWith("\ufeff") ? "utf8" : "latin1") : bytes,
    );
    expect(verdict).toMatchObject({ ok: false, problem: expect.stringMatching(problem) });
    expect(verdict).toMatchObject({ problem: expect.stringMatching(/^[\x20-\x7e]{1,400}$/) });
  });
});

describe("properties", () => {
  const files = readdirSync(join(import.meta.dirname, "../../fixtures/media"));
  // Frames and fragments that state no total look whole when the cut falls between two of them; sizes and hashes find that.
  const openEnded = new Map([
    ["piped.wav", Infinity],
    ["bare.mp3", 46],
    ["fragmented.m4a", 3],
    ["dash.m4a", 3],
  ]);

  test.each(files)("E66: every truncation of %s is refused", (name) => {
    const bytes = media(name);
    let accepted = 0;
    for (let length = 0; length < bytes.length; length++)
      if (inspectBytes(kindOf(name), bytes.subarray(0, length)).ok) accepted += 1;
    expect(accepted).toBeLessThanOrEqual(openEnded.get(name) ?? 0);
  });

  test("the verdict does not depend on where chunks are cut", () => {
    const samples = [
      ...GOOD.map(([, kind, bytes]) => [kind, bytes] as const),
      ...BAD.filter((each) => typeof each[2] !== "string").map(([, kind, bytes]) => [kind, bytes as Buffer] as const),
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 }),
        ([kind, bytes], sizes) => {
          expect(inspectInChunks(kind, bytes, sizes)).toEqual(inspectBytes(kind, bytes));
        },
      ),
      { numRuns: 500 },
    );
  });

  test("one byte at a time gives the same", () => {
    for (const [, kind, bytes] of GOOD) expect(inspectInChunks(kind, bytes, [1])).toEqual(inspectBytes(kind, bytes));
  });

  test("files with bytes changed end in a verdict", () => {
    const change = fc.tuple(fc.nat(10_000), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(
        fc.constantFrom(...GOOD),
        fc.array(change, { minLength: 1, maxLength: 12 }),
        ([, kind, bytes], changes) => {
          const copy = Buffer.from(bytes);
          for (const [at, value] of changes) copy[at % copy.length] = value;
          expect(typeof inspectBytes(kind, copy).ok).toBe("boolean");
        },
      ),
      { numRuns: 3000 },
    );
  });

  test("noise is never a good file", () => {
    const kinds = fc.constantFrom<AssetKind>("audio", "image", "video", "wav", "stems");
    fc.assert(
      fc.property(kinds, fc.uint8Array({ maxLength: 2000 }), (kind, bytes) => {
        expect(inspectBytes(kind, Buffer.from(bytes)).ok).toBe(false);
      }),
    );
  });
});

function inspectInChunks(kind: AssetKind, bytes: Buffer, sizes: number[]): Inspection {
  const inspector = createInspector(kind);
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length]!;
    inspector.push(bytes.subarray(at, at + size));
    at += size;
  }
  return inspector.finish();
}

function kindOf(name: string): AssetKind {
  if (/\.(jpg|png|webp)$/.test(name)) return "image";
  if (name.endsWith(".wav")) return "wav";
  if (name.endsWith(".zip")) return "stems";
  return name.endsWith(".mp4") ? "video" : "audio";
}
