import { IntegrityError } from "../../lib/errors.ts";
import { SUMS_FILE, type parseSums } from "../snapshot/sha256sums.ts";
import type { UploadFile } from "./upload-types.ts";

const ASSET = /^assets\/(?=[^.])/;

/** The assets that the list of a backup names, by path in the assets folder. Throws IntegrityError for a damaged list. */
export function listedAssets(
  { sums, bad }: ReturnType<typeof parseSums>,
  location: string,
): Pick<UploadFile, "path" | "sha256">[] {
  if (bad.length > 0 || sums.size === 0)
    throw new IntegrityError(`${SUMS_FILE} of ${location} cannot be read`, {
      code: "backup_damaged",
      hint: "choose an older snapshot with --generation, or another location",
    });
  return [...sums]
    .filter(([path]) => ASSET.test(path))
    .map(([path, sha256]) => ({ path: path.replace(ASSET, ""), sha256 }));
}
