import { describe, expect, it, test } from "vitest";
import { inspectBytes } from "../../../src/assets/inspect/inspect.ts";
import { readFrameHeader } from "../../../src/assets/inspect/mp3-frame.ts";
import { foreignName, sniffType } from "../../../src/assets/inspect/sniff.ts";
import type { AssetKind } from "../../../src/lib/asset-kinds.ts";

/** Each rule of each format, by the smallest file that shows it; whole files of real programs are in inspect.test.ts. */
const bytes = (...parts: (number | string | Buffer | number[])[]) =>
  Buffer.concat(
    parts.map((part) =>
      typeof part === "number"
        ? Buffer.from([part])
        : typeof part === "string"
          ? Buffer.from(part, "latin1")
          : Buffer.from(part),
    ),
  );
const u16 = (value: number) => [value & 255, value >> 8];
const u32 = (value: number) => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
const be16 = (value: number) => u16(value).toReversed();
const be32 = (value: number) => u32(value).toReversed();
const zeros = (count: number) => Buffer.alloc(count);

/** `fine`, its remark, or what is wrong with it, without the words for its type. */
function verdict(kind: AssetKind, file: Buffer): string {
  const found = inspectBytes(kind, file);
  return found.ok ? (found.note ?? "fine") : found.problem.replace(/^a broken \w+ file: /, "");
}
const seconds = (kind: AssetKind, file: Buffer) => {
  const found = inspectBytes(kind, file);
  return found.ok ? found.durationSeconds : found.problem;
};

describe("the first bytes", () => {
  test.each([
    ["GIF89a", "gif"],
    ["fLaC\0", "flac"],
    ["OggS\0", "ogg"],
    ["\x1a\x45\xdf\xa3", "webm"],
    ["\xff\xf0", "aac"],
    ["\xff\xf1", "aac"],
    ["\xff\xf9", "aac"],
    ["\xff\xf2", null],
    ["RIFF\n\n\n\nWAVE", "wav"],
    ["RIFF\n\n\n\nWEBP", "webp"],
    ["RIFF....AVI ", null],
    ["ID3", "mp3"],
    ["\xff\xd8", "jpg"],
    ["\x89PNG\r\n\x1a\n", "png"],
    ["PK\x03\x04", "zip"],
    ["PK\x05\x06", "zip"],
    ["PK\x01\x02", null],
    ["xxxxftypM4A ", "mp4"],
    ["xxxxftypavif\0\0\0\0avifmif1....meta", "avif"],
    ["xxxxftypmif1\0\0\0\0miafavif....meta", "avif"],
    ["xxxxftypmif1\0\0\0\0heic....meta", "heic"],
    ["xxxxftypheix\0\0\0\0mif1....meta....avif", "heic"],
    ["xxxxftypavif\0\0\0\0", "mp4"],
    ["xxxxftypM4A \0\0\0\0avif....meta", "mp4"],
  ])("%j are those of %s", (head, type) => expect(sniffType(bytes(head))).toBe(type));

  test.each(["GIF8", "fLaC", "OggS", "\x1a\x45\xdf\xa3", "\xff\xf1..", "RIFF....WAVE", "RIFF....WEBP", "PK\x03\x04"])(
    "%j says nothing behind another byte",
    (head) => expect(sniffType(bytes("x", head))).toBeNull(),
  );

  test.each([
    ["BM....\0\0\0\0", "a BMP"],
    ["BM........", null],
    ["II*\0", "a TIFF"],
    ["MM\0*", "a TIFF"],
    ["fLaC", "a FLAC file"],
    ["\0".repeat(16), "zero bytes"],
    ["\0".repeat(15), null],
    ["\xca\xfe\xba\xbe", "an executable"],
    ["\xcf\xfa\xed\xfe", "an executable"],
    ["\xfe\xed\xfa\xce", "an executable"],
    ["  \n <P>text", "an HTML page"],
    ["<?xml version='1'?> <!DOCTYPE html>", "an HTML page"],
    ["<!-- a --> <!-- b --><svg", "an SVG"],
    ["<error code='1'>", "XML"],
    ["[1]", "JSON"],
    ["words <html>", null],
  ])("%j is named %s", (head, name) => expect(foreignName(bytes(head))).toBe(name));
});

describe("a frame of an MP3", () => {
  const frame = (...header: number[]) => {
    const found = readFrameHeader(Buffer.from(header));
    return found && Object.values(found);
  };
  test.each([
    ["MPEG 1, 128 kbit/s, 44.1 kHz, stereo", [0xff, 0xfb, 0x90, 0x00], [417, 1152, 44100, 32]],
    ["with its padding", [0xff, 0xfb, 0x92, 0x00], [418, 1152, 44100, 32]],
    ["with a checksum", [0xff, 0xfa, 0x90, 0x00], [417, 1152, 44100, 32]],
    ["mono", [0xff, 0xfb, 0x90, 0xc0], [417, 1152, 44100, 17]],
    ["joint stereo", [0xff, 0xfb, 0x90, 0x40], [417, 1152, 44100, 32]],
    ["48 kHz", [0xff, 0xfb, 0x94, 0x00], [384, 1152, 48000, 32]],
    ["32 kHz", [0xff, 0xfb, 0x98, 0x00], [576, 1152, 32000, 32]],
    ["32 kbit/s", [0xff, 0xfb, 0x10, 0x00], [104, 1152, 44100, 32]],
    ["320 kbit/s", [0xff, 0xfb, 0xe0, 0x00], [1044, 1152, 44100, 32]],
    ["MPEG 2, 64 kbit/s, 22.05 kHz", [0xff, 0xf3, 0x80, 0x00], [208, 576, 22050, 17]],
    ["MPEG 2, mono", [0xff, 0xf3, 0x80, 0xc0], [208, 576, 22050, 9]],
    ["MPEG 2.5, 11.025 kHz", [0xff, 0xe3, 0x80, 0x00], [417, 576, 11025, 17]],
    ["MPEG 2.5, mono", [0xff, 0xe3, 0x80, 0xc0], [417, 576, 11025, 9]],
  ])("%s", (_what, header, found) => expect(frame(...header)).toEqual(found));

  test.each([
    ["of a version that does not exist", [0xff, 0xeb, 0x90, 0x00]],
    ["of layer II", [0xff, 0xfd, 0x90, 0x00]],
    ["of layer I", [0xff, 0xff, 0x90, 0x00]],
    ["of a free bit rate", [0xff, 0xfb, 0x00, 0x00]],
    ["of bit rate 15", [0xff, 0xfb, 0xf0, 0x00]],
    ["of sample rate 3", [0xff, 0xfb, 0x9c, 0x00]],
    ["without its sync", [0xfe, 0xfb, 0x90, 0x00]],
    ["of three bytes", [0xff, 0xfb, 0x90]],
  ])("%s is none", (_what, header) => expect(frame(...header)).toBeNull());
});

describe("an MP3", () => {
  /** 32 kbit/s at 32 kHz: 144 bytes, 36 ms. */
  const HEADER = [0xff, 0xfb, 0x18, 0x00];
  const frame = (payload: Buffer = zeros(0)) => bytes(HEADER, payload, zeros(140 - payload.length));
  const song = (count: number) => bytes(...Array.from({ length: count }, () => frame()));
  /** The information frame: the frames and bytes that the whole stream has. */
  const info = (name: string, flags: number, ...numbers: number[]) =>
    frame(bytes(zeros(32), name, be32(flags), ...numbers.map(be32)));
  const id3 = (size: number, flags = 0) =>
    bytes("ID3", 4, 0, flags, [size >> 21, (size >> 14) & 127, (size >> 7) & 127, size & 127]);

  test.each<[string, Buffer, string]>([
    ["two frames", song(2), "fine"],
    ["one frame", song(1), "no MP3 frames"],
    ["the beginning of a frame behind", bytes(song(3), [0xff, 0xfb]), "cut short"],
    ["other bytes behind", bytes(song(3), "abcd"), "4 bytes after the end"],
    ["fewer than four bytes behind", bytes(song(3), "ab"), "2 bytes after the end"],
    ["four bytes of 0xff behind", bytes(song(3), [255, 255, 255, 255]), "4 bytes after the end"],
    ...["TAG", "APETAGEX", "LYRICSBEGIN", "3DI"].map((tag): [string, Buffer, string] => [
      `the tag ${tag}`,
      bytes(song(3), tag, zeros(9)),
      "fine",
    ]),
    ["a tag that is none", bytes(song(3), "xTAG"), "4 bytes after the end"],
    ["ID3 of 200 bytes", bytes(id3(200), zeros(200), song(2)), "fine"],
    ["ID3 that states too few bytes", bytes(id3(199), zeros(200), song(2)), "no MP3 frames"],
    ["ID3 with a footer", bytes(id3(5, 0x10), zeros(15), song(2)), "fine"],
    ["ID3 of another version's bit", bytes(id3(5, 0x20), zeros(5), song(2)), "fine"],
    ["ID3 of more than 16 KiB", bytes(id3(20_000), zeros(20_000), song(2)), "fine"],
    ["two ID3 tags", bytes(id3(1), zeros(1), id3(0), song(2)), "fine"],
    ["as many frames as Xing says", bytes(info("Xing", 1, 3), song(3)), "fine"],
    ["as many frames as Info says", bytes(info("Info", 1, 3), song(3)), "fine"],
    ["fewer frames than Xing says", bytes(info("Xing", 1, 4), song(3)), "cut short"],
    ["more frames than Xing says", bytes(info("Xing", 1, 2), song(3)), "fine"],
    ["as many bytes as Xing says", bytes(info("Xing", 3, 3, 144 * 4), song(3)), "fine"],
    ["fewer bytes than Xing says", bytes(info("Xing", 3, 3, 144 * 4 + 1), song(3)), "cut short"],
    ["numbers that Xing does not state", bytes(info("Xing", 0, 99, 99_999), song(3)), "fine"],
    ["bytes alone, which lie elsewhere then", bytes(info("Xing", 2, 99_999, 99_999), song(3)), "fine"],
    ["another word there", bytes(info("xXin", 1, 99), song(3)), "fine"],
  ])("with %s", (_what, file, result) => expect(verdict("audio", file)).toBe(result));

  it("has the length of its frames, without the one of information", () => {
    expect(seconds("audio", song(10))).toBeCloseTo(0.36, 6);
    expect(seconds("audio", bytes(info("Info", 1, 10), song(10)))).toBeCloseTo(0.36, 6);
  });

  it("a header that has no room for numbers states none", () => {
    // MPEG 2.5, 8 kbit/s at 12 kHz: 48 bytes; the word begins 27 bytes before its end.
    const small = (payload: Buffer = zeros(0)) => bytes([0xff, 0xe3, 0x14, 0x00], payload, zeros(44 - payload.length));
    const stated = small(bytes(zeros(17), "Xing", be32(3), be32(3), be32(9999)));
    expect(verdict("audio", bytes(stated, small(), small(), small()))).toBe("cut short");
    expect(verdict("audio", bytes(small(bytes(zeros(17), "Xing", be32(1), be32(2))), small(), small()))).toBe("fine");
  });
});

describe("a JPEG", () => {
  const segment = (marker: number, payload: Buffer = zeros(0)) => bytes(255, marker, be16(payload.length + 2), payload);
  const START = [255, 0xd8];
  const FRAME = segment(0xc0, zeros(9));
  const SCAN = bytes(segment(0xda, zeros(6)), "data");
  const END = [255, 0xd9];
  const jpeg = (...parts: (Buffer | number[] | string)[]) => verdict("image", bytes(START, ...parts));

  test.each<[string, string, (Buffer | number[] | string)[]]>([
    ["frame and scan", "fine", [FRAME, SCAN, END]],
    ["no frame", "has no image data", [SCAN, END]],
    ["no scan", "has no image data", [FRAME, END]],
    ["neither", "has no image data", [segment(0xe0), END]],
    ["two scans", "fine", [FRAME, SCAN, SCAN, END]],
    ["an empty segment", "fine", [segment(0xfe), FRAME, SCAN, END]],
    ["a second start", "a misplaced marker", [START, FRAME, SCAN, END]],
    ["a start after the scan", "a misplaced marker", [FRAME, SCAN, START, FRAME, SCAN, END]],
    ["a marker 0", "a misplaced marker", [[255, 0], FRAME, SCAN, END]],
    ["something else for a marker", "something that is no marker where a marker should be", [FRAME, "x", SCAN, END]],
    ["a byte 0xff in the scan", "fine", [FRAME, SCAN, [255, 0, 1, 2], END]],
    ["fill bytes in the scan", "fine", [FRAME, SCAN, [255, 255, 255, 0], END]],
    ["bytes behind", "3 bytes after the end", [FRAME, SCAN, END, "abc"]],
    ["a frame after the scan", "fine", [segment(0xdb), SCAN, FRAME, END]],
  ])("with %s: %s", (_what, result, parts) => expect(jpeg(...parts)).toBe(result));

  it("counts what T.81 calls a frame, and nothing beside", () => {
    const frames = Array.from({ length: 32 }, (_, at) => 0xb8 + at).filter(
      (marker) => marker < 0xd0 && jpeg(segment(marker), SCAN, END) === "fine",
    );
    expect(frames).toEqual([0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf]);
    expect(jpeg(segment(0xdb), SCAN, END)).toBe("has no image data");
  });

  it("has markers without a length: 1, and restarts, also in the scan", () => {
    for (const marker of [0x01, 0xd0, 0xd3, 0xd7]) expect(jpeg([255, marker], FRAME, SCAN, END)).toBe("fine");
    for (const marker of [0x02, 0xcf, 0xdb]) expect(jpeg([255, marker], FRAME, SCAN, END)).not.toBe("fine");
    for (const marker of [0xd0, 0xd7]) expect(jpeg(FRAME, SCAN, [255, marker], "more", END)).toBe("fine");
    for (const marker of [0xcf, 0xdb]) expect(jpeg(FRAME, SCAN, segment(marker), SCAN, END)).toBe("fine");
  });
});

describe("a PNG", () => {
  const chunk = (type: string, payload: Buffer = zeros(0), length = payload.length) =>
    bytes(be32(length), type, payload, zeros(4));
  const png = (...chunks: Buffer[]) => verdict("image", bytes("\x89PNG\r\n\x1a\n", ...chunks));
  const [START, DATA, END] = [chunk("IHDR", zeros(13)), chunk("IDAT", zeros(9)), chunk("IEND")];
  const NONE = "something that is no chunk where a chunk should be";

  test.each<[string, string, Buffer[]]>([
    ["start, data and end", "fine", [START, DATA, END]],
    ["another chunk between", "fine", [START, chunk("tEXt", zeros(3)), DATA, DATA, END]],
    ["data without bytes", "has no image data", [START, chunk("IDAT"), END]],
    ["data and then some without bytes", "fine", [START, DATA, chunk("IDAT"), END]],
    ["no start", "does not begin with an IHDR chunk", [DATA, START, END]],
    ["a type of other characters", NONE, [START, chunk("a1cd"), DATA, END]],
    ["a type that begins with one", NONE, [START, chunk("1bcd"), DATA, END]],
    ["a type that ends with one", NONE, [START, chunk("abc1"), DATA, END]],
    ["a chunk of 2^31 bytes", NONE, [START, chunk("abcd", zeros(0), 2 ** 31)]],
    ["a chunk of 2^31 - 1 bytes", "cut short", [START, chunk("abcd", zeros(0), 2 ** 31 - 1)]],
  ])("with %s: %s", (_what, result, chunks) => expect(png(...chunks)).toBe(result));
});

describe("a WebP", () => {
  const webp = (size: number, type: string, chunkSize: number, payload: number, behind = "") =>
    verdict("image", bytes("RIFF", u32(size), "WEBP", type, u32(chunkSize), zeros(payload), behind));
  test.each<[string, string, Parameters<typeof webp>]>([
    ["lossy", "fine", [22, "VP8 ", 10, 10]],
    ["lossless", "fine", [22, "VP8L", 10, 10]],
    ["extended", "fine", [22, "VP8X", 10, 10]],
    ["of another chunk", "has no image data", [22, "VP8A", 10, 10]],
    ["of a chunk that only ends so", "has no image data", [22, "xVP8", 10, 10]],
    ["of 15 bytes", "has no image data", [15, "VP8 ", 3, 3]],
    ["of 16 bytes", "fine", [16, "VP8 ", 4, 4]],
    ["whose chunk ends with it", "fine", [22, "VP8 ", 10, 10]],
    ["whose chunk is larger than it", "a chunk larger than the file", [22, "VP8 ", 11, 10]],
    ["with bytes behind", "1 bytes after the end", [22, "VP8 ", 10, 10, "x"]],
  ])("%s: %s", (_what, result, given) => expect(webp(...given)).toBe(result));
});

describe("a WAV", () => {
  const UNKNOWN = 0xffffffff;
  const chunk = (type: string, payload: Buffer, size = payload.length) => bytes(type, u32(size), payload);
  /** 100 bytes a second. */
  const FORMAT = chunk("fmt ", bytes(zeros(8), u32(100), zeros(4)));
  const SOUND = chunk("data", zeros(50));
  const wav = (chunks: Buffer[], size?: number) => {
    const body = bytes(...chunks);
    return bytes("RIFF", u32(size ?? body.length + 4), "WAVE", body);
  };

  test.each<[string, string, Buffer]>([
    ["format and sound", "fine", wav([FORMAT, SOUND])],
    ["sound before its format", "sound without a format before it", wav([SOUND, FORMAT])],
    ["no format", "sound without a format before it", wav([SOUND])],
    ["no sound", "has no sound", wav([FORMAT])],
    ["a chunk of no bytes", "fine", wav([chunk("LIST", zeros(0)), FORMAT, SOUND])],
    ["an empty sound", "has no sound", wav([FORMAT, chunk("data", zeros(0))])],
    ["a chunk of odd size and its padding", "fine", wav([chunk("LIST", zeros(3)), zeros(1), FORMAT, SOUND])],
    ["a last chunk of odd size with padding", "fine", wav([FORMAT, chunk("data", zeros(51)), zeros(1)])],
    ["a last chunk of odd size without it", "fine", wav([FORMAT, chunk("data", zeros(51))])],
    ["fewer than 8 bytes left", "fine", wav([FORMAT, SOUND, zeros(7)])],
    ["8 bytes left that are no chunk", "fine", wav([FORMAT, SOUND, chunk("\0\0\0\0", zeros(0))])],
    [
      "a chunk larger than the file",
      'the "LIST" chunk is larger than the file',
      wav([FORMAT, chunk("LIST", zeros(2), 3)]),
    ],
    ["bytes behind", "2 bytes after the end", bytes(wav([FORMAT, SOUND]), "ab")],
    ["bytes that it states and lacks", "cut short", wav([FORMAT, SOUND], FORMAT.length + SOUND.length + 5)],
    ["a format of 15 bytes", "a format of an impossible size", wav([chunk("fmt ", zeros(15)), SOUND])],
    ["a format of 4096 bytes", "fine", wav([chunk("fmt ", bytes(zeros(8), u32(1), zeros(4084))), SOUND])],
    ["a format of 4097 bytes", "a format of an impossible size", wav([chunk("fmt ", zeros(4097)), SOUND])],
    [
      "no size, and sound without one",
      "the file does not state its size",
      wav([FORMAT, chunk("data", zeros(9), UNKNOWN)], UNKNOWN),
    ],
    ["no size, and sound of size 0", "the file does not state its size", wav([FORMAT, chunk("data", zeros(9), 0)], 0)],
    [
      "a size, and sound without one",
      "the file does not state its size",
      wav([FORMAT, chunk("data", zeros(9), UNKNOWN)]),
    ],
    ["no size, but sound with one", "fine", wav([FORMAT, SOUND], UNKNOWN)],
    ["no size, and sound of odd size", "fine", wav([FORMAT, chunk("data", zeros(9))], 0)],
    ["no size, and a chunk that is cut", "cut short", wav([FORMAT, SOUND, bytes("LIS")], 0)],
    ["no size, and no sound", "has no sound", wav([FORMAT], 0)],
    [
      "no size, and sound of no bytes at its end",
      "has no sound",
      wav([FORMAT, chunk("data", zeros(0), UNKNOWN)], UNKNOWN),
    ],
  ])("with %s: %s", (_what, result, file) => expect(verdict("wav", file)).toBe(result));

  it("lasts as long as its sound", () => {
    expect(seconds("wav", wav([FORMAT, SOUND]))).toBe(0.5);
    expect(seconds("wav", wav([FORMAT, SOUND, SOUND]))).toBe(1);
    expect(seconds("wav", wav([FORMAT, chunk("data", zeros(25), UNKNOWN)], UNKNOWN))).toBe(0.25);
  });
});

describe("a ZIP", () => {
  type Entry = {
    name?: string;
    flags?: number;
    attributes?: number;
    extra?: number;
    comment?: number;
    offset?: number;
  };
  const entry = ({ name = "a.wav", flags = 0, attributes = 0, extra = 0, comment = 0, offset = 0 }: Entry) => {
    const sizes = [...u16(name.length), ...u16(extra), ...u16(comment)];
    const head = bytes("PK\x01\x02", zeros(4), u16(flags), zeros(18), sizes, zeros(4), u32(attributes), u32(offset));
    return bytes(head, name, zeros(extra + comment));
  };
  const DATA = bytes("PK\x03\x04", zeros(96));
  type End = { entries?: number; size?: number; offset?: number; comment?: string };
  const zip = (entries: Entry[], end: End = {}, between = zeros(0)) => {
    const directory = bytes(...entries.map(entry), between);
    const { size = directory.length, offset = DATA.length, comment = "" } = end;
    const numbers = [...u16(end.entries ?? entries.length), ...u32(size), ...u32(offset), ...u16(comment.length)];
    return verdict("stems", bytes(DATA, directory, "PK\x05\x06", zeros(6), numbers, comment));
  };
  const BROKEN = "the ZIP's directory is broken";
  const OUTSIDE = "entries that would be unpacked outside their folder";

  it("has as many entries as it says, one behind the other", () => {
    expect(zip([{}])).toBe("fine");
    expect(zip([{ extra: 3, comment: 5 }, { name: "b/c.wav", extra: 1 }, { comment: 2 }])).toBe("fine");
    expect(zip([{}, {}], { entries: 1 })).toBe(BROKEN);
    expect(zip([{}, {}], { entries: 3 })).toBe(BROKEN);
    expect(zip([{}], {}, zeros(1))).toBe(BROKEN);
    expect(zip([{}], { entries: 2 }, zeros(46))).toBe(BROKEN);
    expect(zip([{}], { entries: 2 }, zeros(45))).toBe(BROKEN);
    expect(zip([], { entries: 0 })).toBe("an empty ZIP");
  });

  it("has entries whose data lies before the directory", () => {
    expect(zip([{ offset: 99 }])).toBe("fine");
    expect(zip([{ offset: 100 }])).toBe(BROKEN);
  });

  it("ends with its file, with or without a comment", () => {
    expect(zip([{}], { comment: "hello" })).toBe("fine");
    expect(zip([{}], { offset: 99 })).toBe("the ZIP's directory is not where it should be");
    expect(zip([{}], { comment: "x".repeat(0xffff) })).toBe("fine");
  });

  it("in the larger format is not checked, and that is noted", () => {
    const note = "a ZIP64 directory, not checked";
    expect(zip([{}], { entries: 0xffff })).toBe(note);
    expect(zip([{}], { size: 0xffffffff })).toBe(note);
    expect(zip([{}], { offset: 0xffffffff })).toBe(note);
  });

  it("of which the directory is longer than what is kept is checked at its end alone", () => {
    const many = Array.from({ length: 17_000 }, () => ({ name: "a".repeat(40) }));
    expect(zip(many)).toBe("17000 entries, not checked");
  });

  test.each([
    ["../a", OUTSIDE],
    ["a/../b", OUTSIDE],
    ["a/..", OUTSIDE],
    ["..", OUTSIDE],
    ["a\\..\\b", OUTSIDE],
    ["/a", OUTSIDE],
    ["\\a", OUTSIDE],
    ["C:a", OUTSIDE],
    ["a..b", "fine"],
    ["a../b", "fine"],
    ["a/..b", "fine"],
    ["a/b/", "fine"],
    ["ab:c", "fine"],
    ["1:c", "fine"],
  ])("with a name of %j: %s", (name, result) => expect(zip([{}, { name }, {}])).toBe(result));

  it("notes links and encrypted entries, wherever they are", () => {
    expect(zip([{}, { attributes: 0xa1ff0000 }, {}])).toBe(OUTSIDE);
    expect(zip([{ attributes: 0x81ff0000 }])).toBe("fine");
    expect(zip([{}, { flags: 1 }, {}])).toBe("encrypted entries");
    expect(zip([{ flags: 2 }])).toBe("fine");
    expect(zip([{ flags: 9, name: "/x" }])).toBe(`encrypted entries, ${OUTSIDE}`);
  });
});

describe("an MP4", () => {
  const box = (type: string, payload: Buffer = zeros(0), size = payload.length + 8) => bytes(be32(size), type, payload);
  const FTYP = box("ftyp", bytes("M4A ", zeros(4), "isom"));
  const MDAT = box("mdat", zeros(20));
  /** Version 0: 32-bit times. */
  const mvhd = (timescale: number, units: number, length = 100) =>
    box("mvhd", bytes(zeros(12), be32(timescale), be32(units), zeros(length - 20)));
  const long = (timescale: number, units: bigint, length = 112) => {
    const payload = zeros(length);
    payload[0] = 1;
    payload.writeUInt32BE(timescale, 20);
    if (length >= 32) payload.writeBigUInt64BE(units, 24);
    return box("mvhd", payload);
  };
  const mp4 = (...boxes: Buffer[]) => bytes(FTYP, ...boxes);
  const lasting = (...children: Buffer[]) => seconds("audio", mp4(box("moov", bytes(...children)), MDAT));

  it("lasts as its movie header says, and has no length where that says none", () => {
    expect(lasting(mvhd(1000, 2500))).toBe(2.5);
    expect(lasting(mvhd(1000, 2500, 20))).toBe(2.5);
    expect(lasting(box("udat", zeros(5)), mvhd(10, 25))).toBe(2.5);
    expect(lasting(long(1000, 2500n))).toBe(2.5);
    expect(lasting(long(1000, 2500n, 32))).toBe(2.5);
    for (const header of [
      mvhd(0, 5),
      mvhd(5, 0),
      mvhd(5, 0xffffffff),
      long(5, 0n),
      long(5, 0xffffffffffffffffn),
      long(5, 9n, 31),
      box("mvhd", zeros(19)),
      mvhd(1000, 2500, 4097),
    ])
      expect(lasting(header)).toBeNull();
    expect(lasting(mvhd(5, 0xfffffffe))).toBe(0xfffffffe / 5);
    expect(lasting(mvhd(1000, 2500, 4096))).toBe(2.5);
  });

  it("may have anything inside of moov", () => {
    for (const inside of [zeros(7), zeros(8), box("trak", zeros(3), 4), box("trak", zeros(3), 99), box("trak")])
      expect(lasting(inside)).toBeNull();
    expect(lasting(mvhd(10, 25), zeros(5))).toBe(2.5);
    expect(lasting(mvhd(10, 25), box("trak", zeros(3), 99))).toBe(2.5);
    expect(lasting(box("free"), mvhd(10, 25))).toBe(2.5);
  });

  it("has media data, in one box or several", () => {
    const moov = box("moov");
    expect(verdict("audio", mp4(moov, MDAT, MDAT))).toBe("fine");
    expect(verdict("audio", mp4(moov, MDAT, box("mdat")))).toBe("fine");
    expect(verdict("audio", mp4(moov, box("free", zeros(9))))).toBe("has no media data (mdat)");
    expect(verdict("audio", mp4(moov, MDAT, box("mdat", zeros(5), 0)))).toBe("fine");
    expect(verdict("audio", mp4(MDAT, box("moov", zeros(5), 0)))).toBe("fine");
    expect(verdict("audio", mp4(moov, box("moof"), box("free"), MDAT))).toBe("fine");
    expect(verdict("audio", mp4(moov, MDAT, box("moof"), box("free")))).toContain("a fragment without");
    expect(verdict("audio", mp4(moov, MDAT, box("a\x1fbc")))).toBe("something that is no box where a box should be");
    expect(verdict("audio", mp4(moov, MDAT, box("\x7fabc")))).toBe("something that is no box where a box should be");
    expect(verdict("audio", mp4(moov, MDAT, box("abc\x80")))).toBe("something that is no box where a box should be");
  });
});

describe("a HEIF or AVIF", () => {
  const box = (type: string, payload: Buffer = zeros(0), size = payload.length + 8) => bytes(be32(size), type, payload);
  const picture = (...boxes: Buffer[]) => verdict("image", bytes(...boxes));
  const FTYP = box("ftyp", bytes("heic", zeros(4), "mif1"));
  const [META, MDAT] = [box("meta", zeros(9)), box("mdat", zeros(9))];

  it("has what it is and its data, in boxes that add up", () => {
    expect(inspectBytes("image", bytes(FTYP, META, MDAT))).toEqual({
      ok: true,
      type: "heic",
      durationSeconds: null,
      note: null,
    });
    expect(picture(FTYP, META, box("idat", zeros(3)))).toBe("fine");
    expect(picture(FTYP, META, box("mdat", zeros(3), 0))).toBe("fine");
    expect(picture(FTYP, META)).toBe("has no image data (mdat)");
    expect(picture(FTYP, box("free", bytes("meta")), MDAT)).toBe("has no meta box");
    expect(picture(FTYP, META, MDAT, zeros(3))).toBe("3 bytes after the last box");
    expect(picture(FTYP, META, box("mdat", zeros(9), 99))).toBe("cut short");
    expect(picture(FTYP, META, MDAT, FTYP)).toBe("fine");
  });
});
