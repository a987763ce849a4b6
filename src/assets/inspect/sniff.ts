import type { FileType } from "./file-types.ts";
import { readFrameHeader } from "./mp3-frame.ts";

/** How many of the first bytes decide the type of a file. */
export const SNIFF_BYTES = 512;

/** The type of a file by its first bytes (up to SNIFF_BYTES); null for none of the accepted types. */
export function sniffType(head: Buffer): FileType | null {
  const text = head.toString("latin1", 0, 16);
  if (text.startsWith("ftyp", 4)) return sniffBoxes(head.toString("latin1"));
  if (text.startsWith("ID3") || readFrameHeader(head.subarray(0, 4)) !== null) return "mp3";
  if (/^RIFF....WAVE/s.test(text)) return "wav";
  if (/^RIFF....WEBP/s.test(text)) return "webp";
  if (text.startsWith("\xff\xd8")) return "jpg";
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (text.startsWith("GIF8")) return "gif";
  if (text.startsWith("fLaC")) return "flac";
  if (text.startsWith("OggS")) return "ogg";
  if (text.startsWith("\x1a\x45\xdf\xa3")) return "webm";
  if (/^\xff[\xf0\xf1\xf8\xf9]/.test(text)) return "aac";
  if (text.startsWith("PK\x03\x04") || text.startsWith("PK\x05\x06")) return "zip";
  return null;
}

/** Pictures lie in the boxes of MP4 as well (ISO 23008-12), with a `meta` box in place of `moov`. */
function sniffBoxes(text: string): FileType {
  const brands = /^.{8}(avif|avis|mif1|msf1|heic|heix|heim|heis|hevc|hevx)/s.exec(text)?.[1];
  if (brands === undefined || !text.includes("meta")) return "mp4";
  return text.slice(8, text.indexOf("meta")).includes("avi") ? "avif" : "heic";
}

/** What else the file is, for a message, such as `an HTML page`; null when unknown. */
export function foreignName(head: Buffer): string | null {
  const text = head.toString("latin1");
  const words = text
    .replace(/^(\xef\xbb\xbf|\s)+/, "")
    .slice(0, 300)
    .toLowerCase();
  return (
    BINARY.find(([pattern]) => pattern.test(text))?.[1] ?? TEXT.find(([pattern]) => pattern.test(words))?.[1] ?? null
  );
}

const BINARY: readonly (readonly [RegExp, string])[] = [
  [/^GIF8/, "a GIF"],
  [/^(MZ|\x7fELF|\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe|\xca\xfe\xba\xbe|#!)/, "an executable"],
  [/^%PDF/, "a PDF"],
  [/^OggS/, "an Ogg file"],
  [/^fLaC/, "a FLAC file"],
  [/^\xff[\xf0\xf1\xf8\xf9]/, "raw AAC"],
  [/^\x1a\x45\xdf\xa3/, "a WebM or Matroska file"],
  [/^BM....\0\0\0\0/s, "a BMP"],
  [/^(II\*\0|MM\0\*)/, "a TIFF"],
  [/^\x1f\x8b/, "gzip"],
  [/^\0{16}/, "zero bytes"],
];

const TEXT: readonly (readonly [RegExp, string])[] = [
  [/^#extm3u/, "an HLS playlist"],
  [/^(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!doctype svg|<svg)/s, "an SVG"],
  [/^(<!--.*?-->\s*)*(<!doctype html|<html|<head|<body|<script|<title|<h1|<p>)/s, "an HTML page"],
  [/^(<\?xml[^>]*>\s*)?<!doctype html/s, "an HTML page"],
  [/^(<\?xml|<[a-z]+[\s>])/, "XML"],
  [/^[{[]/, "JSON"],
];
