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
 * The file under the name of a wanted file, as if it had just been downloaded; null when there is none or it is not valid.
 * Only the first version counts: later ones are written while a row names an earlier one. Throws DiskError.
 */
export async function adoptFile(
  store: AssetStore,
  wanted: WantedFile,
  signal?: AbortSignal,
): Promise<DownloadedFile | null> {
  for (const type of Object.keys(ENDINGS[wanted.kind]) as FileType[]) {
    const path = finalPath(wanted.id, ENDINGS[wanted.kind][type]!);
    // Most often there is nothing, which one call finds out. Any other problem of the path is found by the download.
    if (!existsSync(store.locate(path))) continue;
    const entry = await store.stat(path);
    if (entry?.type !== "file") continue;
    const found = await inspectFile(store, path, wanted, type, signal);
    if (found !== null) return found;
  }
  return null;
}

async function inspectFile(
  store: AssetStore,
  path: string,
  wanted: WantedFile,
  type: FileType,
  signal?: AbortSignal,
): Promise<DownloadedFile | null> {
  const inspector = createInspector(wanted.kind);
  const hash = crypto.createHash("sha256");
  let bytes = 0;
  const file = await store.get(path);
  try {
    for await (const chunk of readChunks(file, signal)) {
      // A copy, as the walk may keep it and the next chunk is read into the same memory.
      inspector.push(Buffer.from(chunk));
      hash.update(chunk);
      bytes += chunk.length;
    }
  } finally {
    await file.close();
  }
  const inspection = inspector.finish();
  if (!inspection.ok || inspection.type !== type) return null;
  const remarks = [
    "taken over from the disk",
    inspection.note,
    durationNote(wanted.durationSeconds, inspection.durationSeconds),
  ];
  return {
    path,
    bytes,
    sha256: hash.digest("hex"),
    contentType: null,
    etag: null,
    lastModified: null,
    durationSeconds: inspection.durationSeconds,
    proof: WALK_PROOF[type],
    note: remarks.filter((remark) => remark !== null).join("; "),
    httpStatus: null,
  };
}
