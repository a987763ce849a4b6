import { IntegrityError } from "../../lib/errors.ts";
import { SUMS_FILE, type parseSums } from "../snapshot/sha256sums.ts";
import type { StoredFile } from "./upload-types.ts";

const ASSET = /^assets\/(?=[^.])/;

/** The assets that the list of a backup names, by their path in the assets folder. Throws IntegrityError for a bad list. */
export function assetsOf(
  { sums, bad }: ReturnType<typeof parseSums>,
  location: string,
): Pick<StoredFile, "path" | "sha256">[] {
  if (bad.length > 0 || sums.size === 0)
    throw new IntegrityError(`${SUMS_FILE} of ${location} cannot be read`, {
      code: "backup_damaged",
      hint: "take an older snapshot with --generation, or another place",
    });
  return [...sums]
    .filter(([path]) => ASSET.test(path))
    .map(([path, sha256]) => ({ path: path.replace(ASSET, ""), sha256 }));
}
