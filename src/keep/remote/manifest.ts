import { MANIFEST, type StoredFile } from "./sent.ts";
import { IntegrityError } from "../../lib/errors.ts";

const ASSETS = "assets/";

/** Paths below the assets folder by sha256, as the `SHA256SUMS` of a backup names them. Throws IntegrityError. */
export function assetsOfManifest(text: string, location: string): Pick<StoredFile, "path" | "sha256">[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.flatMap((line) => {
    const [, sha256, path] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
    if (sha256 === undefined || path === undefined) throw unreadable(location);
    if (!path.startsWith(ASSETS)) return [];
    const inside = path.slice(ASSETS.length);
    if (!inside.split("/").every((part) => /^[\w-][\w.-]*$/.test(part))) throw unreadable(location);
    return [{ path: inside, sha256 }];
  });
}

function unreadable(location: string): IntegrityError {
  return new IntegrityError(`${MANIFEST} of ${location} cannot be read`, {
    code: "backup_damaged",
    hint: "take an older snapshot, or another place",
  });
}
