import { downloadName } from "../../export/songs/plan/download-name.ts";
import type { KnownFile } from "../../query/files/find-file.ts";

/** What files are sent as; whatever is not here is only ever saved, never shown. */
const TYPES: Record<string, string> = {
  m4a: "audio/mp4",
  mp3: "audio/mpeg",
  wav: "audio/wav",
  jpg: "image/jpeg",
  png: "image/png",
  webp: "image/webp",
  mp4: "video/mp4",
  zip: "application/zip",
};

/** The headers of a file that do not depend on which part of it is asked for. */
export function fileHeaders(file: KnownFile, isDownload: boolean): Record<string, string> {
  const type = contentTypeOf(file.path);
  const headers: Record<string, string> = {
    "Content-Type": type ?? "application/octet-stream",
    "Accept-Ranges": "bytes",
    ETag: etagOf(file),
    "Cache-Control": "private, max-age=3600",
  };
  if (type === undefined) headers["Content-Security-Policy"] = "default-src 'none'; sandbox";
  if (isDownload || type === undefined) headers["Content-Disposition"] = attachment(downloadName(file));
  return headers;
}

/** Undefined for a file of which nothing is known. */
export function contentTypeOf(path: string): string | undefined {
  return TYPES[/\.([a-z0-9]+)$/.exec(path)?.[1] ?? ""];
}

export function etagOf({ sha256 }: KnownFile): string {
  return `"${sha256}"`;
}

/** RFC 6266: the name in ASCII for old clients, and whole (RFC 8187). */
function attachment(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/gu, "_");
  if (plain === name) return `attachment; filename="${plain}"`;
  const whole = encodeURIComponent(name.toWellFormed()).replace(/['()*]/g, escaped);
  return `attachment; filename="${plain}"; filename*=UTF-8''${whole}`;
}

function escaped(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
