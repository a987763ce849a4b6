import crypto from "node:crypto";
import type { AssetKind } from "../../lib/asset-kinds.ts";

const SAFE_ID = /^[0-9a-f-]{36}(_[0-9]+)?$/;
// Together with `.v2`, the ending and `.part.json`, far below the 255 bytes that file systems allow.
const LONGEST = 64;

/** The file name without its ending: the id itself when it is safe on every file system, else derived from its digest. */
export function stem(id: string): string {
  if (id.length <= LONGEST && SAFE_ID.test(id)) return id;
  return `x-${crypto.createHash("sha256").update(id).digest("hex").slice(0, 32)}`;
}

/** The folder of a stem inside the assets folder. */
export function folderOf(id: string): string {
  return stem(id).slice(0, 2);
}

/** `1d/1dd08826-….m4a`; from version 2 on `1d/1dd08826-….v2.m4a`. */
export function finalPath(id: string, ending: string, version = 1): string {
  const mark = version === 1 ? "" : `.v${version}`;
  return `${folderOf(id)}/${stem(id)}${mark}.${ending}`;
}

/** The name, beside that of a lost file, for the other bytes that upstream has now. `1d/1dd08826-….differs-1a2b3c4d.m4a` */
export function differingPath(id: string, ending: string, sha256: string): string {
  return `${folderOf(id)}/${stem(id)}.differs-${sha256.slice(0, 8)}.${ending}`;
}

/** The name beside a file for bytes that were in its place and may be right for another archive than this. */
export function besidePath(path: string, sha256: string): string {
  return path.replace(/\.(\w+)$/, `.differs-${sha256.slice(0, 8)}.$1`);
}

/** Where the bytes of a kind are written first: the ending of the file is known only afterwards. */
export function partPath(id: string, kind: AssetKind): string {
  return `${folderOf(id)}/${stem(id)}.${kind}.part`;
}

/** Where bad bytes are kept beside the part, for inspection. The next bad bytes replace them. */
export function quarantinePath(id: string, kind: AssetKind): string {
  return `${folderOf(id)}/${stem(id)}.${kind}.bad.part`;
}

/** Whether a file name is one that an unfinished download leaves. */
export function isPartName(name: string): boolean {
  return /\.part(\.json)?$/.test(name);
}
