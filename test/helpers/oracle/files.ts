import { existsSync, readFileSync } from "node:fs";
import type { Row } from "../archive-copy.ts";
import { listTree, sha256, type Found } from "../folder-tree.ts";
import { mediaProblem } from "./media.ts";

const FINAL =
  /^[0-9a-z-]{2}\/((?:[0-9a-f-]{36}(?:_[0-9]+)?)|(?:x-[0-9a-f]{32}))(?:\.v\d+)?\.(m4a|mp3|wav|jpg|png|webp|mp4|zip)$/;
const UNFINISHED = /\.part(\.json)?$/;
const KINDS: Record<string, string> = {
  m4a: "audio",
  mp3: "audio",
  jpg: "image",
  png: "image",
  webp: "image",
  mp4: "video",
  wav: "wav",
  zip: "stems",
};

/** Every stored row has its file, and whatever has a final name has the right bytes; nobody else may read any of it. */
export function checkFiles(
  home: string,
  assets: string,
  rows: Row[],
  bytesOf?: (url: string) => Buffer | undefined,
): string[] {
  const found = existsSync(assets) ? listTree(assets) : [];
  const stored = rows.filter((row) => row["state"] === "stored");
  const byPath = new Map(found.map((one) => [one.path, one]));
  return [
    ...stored.flatMap((row) => checkStored(row, byPath.get(String(row["path"])))),
    ...found.flatMap((one) => checkFinal(one, rows, bytesOf)),
    ...checkModes([...listTree(home), ...(assets.startsWith(`${home}/`) ? [] : found)]),
  ];
}

function checkStored(row: Row, file: Found | undefined): string[] {
  const name = `${row["kind"]} of ${row["clip_id"] ?? row["task_id"]} (${row["path"]})`;
  if (file?.type !== "file") return [`${name} is recorded as stored and is not there`];
  if (file.bytes !== row["bytes"]) return [`${name} has ${file.bytes} bytes, its row says ${row["bytes"]}`];
  return sha256(readFileSync(file.fullPath)) === row["sha256"] ? [] : [`${name} does not fit its sha256`];
}

function checkFinal(
  { path, fullPath, type }: Found,
  rows: Row[],
  bytesOf?: (url: string) => Buffer | undefined,
): string[] {
  if (type === "folder" || /^\.producer-mirror(\.new)?$/.test(path) || UNFINISHED.test(path) || /\.bad\d*$/.test(path))
    return [];
  const [, stem, ending = ""] = FINAL.exec(path) ?? [];
  if (type !== "file" || stem === undefined) return [`${path} does not belong into the assets folder`];
  const bytes = readFileSync(fullPath);
  const row =
    rows.find((one) => one["path"] === path) ??
    rows.find((one) => one["kind"] === KINDS[ending] && (one["clip_id"] ?? one["task_id"]) === stem);
  const problem = mediaProblem(ending, bytes);
  // A digest of the server may prove bytes that are no whole file: then the row says so.
  const isProven = /^(md5|sha256|crc32c|etag) /.test(String(row?.["proof"])) && /but: /.test(String(row?.["note"]));
  if (problem && !isProven) return [`${path}: ${problem}`];
  const wanted = row && bytesOf?.(String(row["url"]));
  return wanted && !wanted.equals(bytes) ? [`${path} has other bytes than upstream`] : [];
}

function checkModes(found: Found[]): string[] {
  const wrong = found.filter(({ type, mode }) =>
    type === "folder" ? mode !== "700" : type === "file" && mode !== "600",
  );
  return wrong.map(({ fullPath, mode }) => `${fullPath} has mode ${mode}`);
}
