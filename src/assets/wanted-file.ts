import type { AssetKind } from "../lib/asset-kinds.ts";

/** A file that the archive had and that is missing or damaged now: its path and digest. */
export type LostFile = {
  path: string;
  sha256: string;
  /** Stores other bytes in place of the lost ones; otherwise they are kept beside. */
  acceptDifferent?: boolean;
};

/** A file to download. */
export type WantedFile = {
  url: string;
  kind: AssetKind;
  /** Of the clip, or of the task where the file belongs to that. */
  id: string;
  /** As the record states it; null when it does not. */
  durationSeconds: number | null;
  /** What it replaces, when the archive had it before. */
  lost?: LostFile;
};

/** A file that was downloaded. */
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
  /** What proved that the bytes are right: `sha256`, `md5`, `crc32c` or `etag`, then `length`, then what the walk checked, such as `boxes`. */
  proof: string;
  note: string | null;
  /** Null when no request was made. */
  httpStatus: number | null;
  /** Its bytes are not the lost ones: it is kept beside, and no row may name it. */
  differs?: boolean;
};
