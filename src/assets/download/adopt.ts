import crypto from "node:crypto";
import { existsSync } from "node:fs";
import { durationNote } from "./check-bytes.ts";
import { ENDINGS, type FileType } from "../inspect/file-types.ts";
import { createInspector, WALK_PROOF } from "../inspect/inspect.ts";
import { finalPath } from "../store/names.ts";
import { readChunks } from "../../lib/files/read.ts";
import type { AssetStore } from "../store/store.ts";
import type { DownloadedFile, WantedFile } from "../wanted-file.ts";

/**
 * The file that lies under a want's own name, as if it had just been downloaded; null when there is none or it is no
 * good. Only the first version counts: later ones are made while a row names an earlier one. Throws DiskError.
 */
export async function adoptFile(
  store: AssetStore,
  want: WantedFile,
  signal?: AbortSignal,
): Promise<DownloadedFile | null> {
  for (const type of Object.keys(ENDINGS[want.kind]) as FileType[]) {
    const path = finalPath(want.id, ENDINGS[want.kind][type]!);
    // Most often nothing lies there, which one call tells at once; whatever is wrong on the way there meets the download.
    if (!existsSync(store.locate(path))) continue;
    const entry = await store.stat(path);
    if (entry?.type !== "file") continue;
    const found = await inspectFile(store, path, want, type, signal);
    if (found !== null) return found;
  }
  return null;
}

async function inspectFile(
  store: AssetStore,
  path: string,
  want: WantedFile,
  type: FileType,
  signal?: AbortSignal,
): Promise<DownloadedFile | null> {
  const inspector = createInspector(want.kind);
  const hash = crypto.createHash("sha256");
  let bytes = 0;
  const file = await store.get(path);
  try {
    for await (const piece of readChunks(file, signal)) {
      // The walk may hold on to what it was given, and the next piece is read into the same memory.
      inspector.push(Buffer.from(piece));
      hash.update(piece);
      bytes += piece.length;
    }
  } finally {
    await file.close();
  }
  const verdict = inspector.finish();
  if (!verdict.ok || verdict.type !== type) return null;
  const remarks = [
    "taken over from the disk",
    verdict.note,
    durationNote(want.durationSeconds, verdict.durationSeconds),
  ];
  return {
    path,
    bytes,
    sha256: hash.digest("hex"),
    contentType: null,
    etag: null,
    lastModified: null,
    durationSeconds: verdict.durationSeconds,
    proof: WALK_PROOF[type],
    note: remarks.filter((remark) => remark !== null).join("; "),
    httpStatus: null,
  };
}
