import { DiskError } from "../../lib/errors.ts";
import { AssetError } from "../asset-error.ts";
import { isFull, noSpaceError } from "../../lib/files/disk-errors.ts";
import type { DownloadContext } from "./download-context.ts";
import { quarantinePath } from "../store/names.ts";
import type { PartFile } from "./part-file.ts";
import type { WantedFile } from "../wanted-file.ts";

/** Failures of the transfer: the bytes so far can still be used. */
const TRANSIENT = new Set(["network", "timeout", "cut", "http", "in_front", "redirect", "refused_url"]);
/** Failures of the bytes themselves, which are quarantined for inspection. */
const BAD_BYTES = new Set(["bad_bytes", "hash_mismatch"]);
/** Files that one run quarantines: a host with an outage sends the same page thousands of times. */
const MOST_QUARANTINED = 20;
/** A song is far smaller. Of anything larger the beginning is enough. */
const QUARANTINE_BYTES = 16 * 1024 * 1024;

/**
 * Keeps, quarantines or removes the part, as the failure demands, and returns the error to throw. A transfer that was cut
 * can be resumed later. Wrong bytes cannot. On a full disk the part is removed to free its space.
 */
export async function cleanUpAfterFailure(
  part: PartFile,
  wanted: WantedFile,
  error: unknown,
  context: DownloadContext,
): Promise<unknown> {
  if (isFull(error)) {
    await part.drop().catch(() => undefined);
    // Without a cause it is our own check before the first byte, whose message is complete already.
    const isOwnCheck = (error as DiskError).cause === undefined;
    return isOwnCheck ? error : noSpaceError(context.store.root, part.expectedBytes, context.freeBytes, error);
  }
  if (error instanceof DiskError) {
    await part.release();
    return error;
  }
  try {
    if (error instanceof AssetError && BAD_BYTES.has(error.code))
      return await quarantineBytes(part, wanted, error, context);
    const isWrong = error instanceof AssetError && !TRANSIENT.has(error.code);
    await (isWrong ? part.drop() : part.keep());
    return error;
  } catch (failure) {
    return isFull(failure) ? cleanUpAfterFailure(part, wanted, failure, context) : failure;
  }
}

/** Keeps what a server sent in place of a file, so that a person can look at it; never under the file's own name. */
async function quarantineBytes(
  part: PartFile,
  wanted: WantedFile,
  error: AssetError,
  context: DownloadContext,
): Promise<AssetError> {
  const { quarantined, store } = context;
  const path = quarantinePath(wanted.id, wanted.kind);
  const isOneTooMany = !quarantined.has(path) && quarantined.size >= MOST_QUARANTINED;
  if (isOneTooMany || part.bytes === 0) return part.drop().then(() => error);
  quarantined.add(path);
  await part.quarantine(store.locate(path), QUARANTINE_BYTES);
  return error.with(`${error.message}; kept for inspection as ${path}`);
}
