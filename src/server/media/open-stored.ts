import type { BigIntStats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { storeOf } from "../../app/archive-files.ts";
import { openFile } from "../../assets/store/files.ts";
import { DiskError, IntegrityError } from "../../lib/errors.ts";
import type { KnownFile } from "../../query/files/find-file.ts";
import type { ServerContext } from "../server-context.ts";
import type { Digests } from "./digests.ts";

/** `verified_at` is written some time after the bytes were read, and they may have changed in between. */
const VERIFIED_LATE_MS = 60_000;

/**
 * Opens a stored file whose bytes are those of its row: by size, and by digest when something may have changed it since it
 * was stored. The caller closes it. Throws IntegrityError (`file_lost`) when it is not there or damaged, DiskError when it
 * cannot be read or its disk is away.
 */
export async function openStored(context: ServerContext, digests: Digests, known: KnownFile): Promise<FileHandle> {
  if (known.state !== "stored") throw lost("the stored file was found missing or damaged");
  const file = await openWhatIsThere(context, known);
  try {
    const stats = await file.stat({ bigint: true });
    if (!stats.isFile()) throw lost("what lies in the place of the stored file is no file");
    if (stats.size !== BigInt(known.bytes)) throw lost("the stored file has another size than it had");
    if (isUntouched(stats, known) || (await digests.of(known.path, stats)) === known.sha256) return file;
    throw lost("the stored file is damaged");
  } catch (error) {
    await file.close();
    throw error;
  }
}

const NOT_THERE = ["asset_missing", "asset_not_a_file", "bad_asset_path"];

async function openWhatIsThere({ config, archive }: ServerContext, { path }: KnownFile): Promise<FileHandle> {
  try {
    return await openFile(config.assets, path);
  } catch (error) {
    if (!(error instanceof DiskError) || !NOT_THERE.includes(error.code)) throw error;
    // A disk that is away has lost nothing.
    await storeOf(config, await archive.current()).check({ files: true });
    throw lost("the stored file is no longer there");
  }
}

function isUntouched({ mtimeMs, ctimeMs }: BigIntStats, { storedAt, verifiedAt }: KnownFile): boolean {
  const provenAt = BigInt(Math.max(storedAt, (verifiedAt ?? 0) - VERIFIED_LATE_MS));
  return mtimeMs <= provenAt && ctimeMs <= provenAt;
}

function lost(message: string): IntegrityError {
  return new IntegrityError(message, {
    code: "file_lost",
    hint: "`producer-mirror verify` names it, `verify --repair` brings it back",
  });
}
