import { DiskError } from "../../lib/errors.ts";
import { AssetError } from "../asset-error.ts";
import { isFull, noSpaceError } from "../../lib/files/disk-errors.ts";
import type { DownloadContext } from "./fetch-into.ts";
import { refusedPath } from "../store/names.ts";
import type { PartFile } from "./part-file.ts";
import type { WantedFile } from "../wanted-file.ts";

/** Failures of the way here; the bytes so far are as good as they were. */
const TRANSIENT = new Set(["network", "timeout", "cut", "http", "redirect", "refused_url"]);
/** Failures of the bytes themselves, which are worth a look. */
const LOOKED_AT = new Set(["bad_bytes", "hash_mismatch"]);
/** Files that one run keeps for a look: a host with an outage sends thousands of the same page. */
const MOST_REFUSED = 20;
/** A song is far below this; of anything larger the beginning tells enough. */
const REFUSED_BYTES = 16 * 1024 * 1024;

/**
 * Leaves the part as the failure demands and returns the error to throw: a transfer that was cut can be gone on with;
 * bytes that are wrong cannot, and after a resume they are no reason to give up; a full disk needs its space back.
 */
export async function cleanUpAfterFailure(
  part: PartFile,
  want: WantedFile,
  error: unknown,
  fetching: DownloadContext,
): Promise<unknown> {
  if (isFull(error)) {
    await part.drop().catch(() => undefined);
    // Without a cause it is our own refusal before the first byte, which says what is needed already.
    const isOurs = (error as DiskError).cause === undefined;
    return isOurs ? error : noSpaceError(fetching.store.root, part.expectedBytes, fetching.freeBytes, error);
  }
  if (error instanceof DiskError) {
    await part.release();
    return error;
  }
  try {
    if (error instanceof AssetError && LOOKED_AT.has(error.code))
      return await quarantineBytes(part, want, error, fetching);
    const isWrong = error instanceof AssetError && !TRANSIENT.has(error.code);
    await (isWrong ? part.drop() : part.keep());
    return error;
  } catch (failure) {
    return isFull(failure) ? cleanUpAfterFailure(part, want, failure, fetching) : failure;
  }
}

/** What a server sent in place of a file is told best by itself: it lies beside, never under the file's name. */
async function quarantineBytes(
  part: PartFile,
  want: WantedFile,
  error: AssetError,
  fetching: DownloadContext,
): Promise<AssetError> {
  const { refused, store } = fetching;
  const path = refusedPath(want.id, want.kind);
  const isOneMore = !refused.has(path) && refused.size >= MOST_REFUSED;
  if (isOneMore || part.bytes === 0) return part.drop().then(() => error);
  refused.add(path);
  await part.quarantine(store.locate(path), REFUSED_BYTES);
  return error.with(`${error.message}; put aside as ${path}`);
}
