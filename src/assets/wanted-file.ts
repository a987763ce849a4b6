import type { AssetKind } from "../lib/asset-kinds.ts";

/** A file that the archive had and that is missing or damaged now: where it lay and what it was. */
export type LostFile = {
  path: string;
  sha256: string;
  /** Other bytes than those that were lost are taken in their place; otherwise they are kept beside. */
  acceptDifferent?: boolean;
};

/** A file to bring. */
export type WantedFile = {
  url: string;
  kind: AssetKind;
  /** Of the clip, or of the task where the file belongs to that. */
  id: string;
  /** What the record says, null when it does not. */
  durationSeconds: number | null;
  /** What it stands in for, when it was here before. */
  lost?: LostFile;
};

/** A file that was brought. */
export type DownloadedFile = {
  /** Relative to the assets folder, forward slashes. */
  path: string;
  bytes: number;
  /** Lower-case hex. */
  sha256: string;
  contentType: string | null;
  etag: string | null;
  lastModified: string | null;
  durationSeconds: number | null;
  /** What showed that the bytes are right: `md5`, `crc32c` or `etag`, then `length`, then what the walk looked at, such as `boxes`. */
  proof: string;
  note: string | null;
  /** Null when no request was made. */
  httpStatus: number | null;
  /** Its bytes are not those that were lost: it lies beside, and no row may name it. */
  differs?: boolean;
};
