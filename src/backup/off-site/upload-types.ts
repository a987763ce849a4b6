import type { TransferCounts } from "../types.ts";

/** A file of the archive as it must arrive: its path below the assets folder, its size and its sha256 in hex. */
export type UploadFile = { path: string; bytes: number; sha256: string };

/** Everything that one backup consists of, ready to upload. */
export type StagedBackup = {
  /** Absolute; has archive.db, journal/, backup.json and SHA256SUMS, which lists all of these and the assets. */
  folder: string;
  archiveId: string;
  /** The assets folder itself, no symlink to it. */
  assetsRoot: string;
  files: UploadFile[];
};

/** A file that is missing or differs, and why. */
export type FailedFile = { path: string; reason: string };

/** What a location is proven to have after an upload. */
export type UploadResult = {
  /** Of this backup at the location: a restic snapshot's id or the folder's name. */
  name: string;
  /** Files whose bytes were read back from the location and were right. */
  readBack: UploadFile[];
  /** Files that an earlier backup read back, found again by name and size. */
  verifiedBefore: UploadFile[];
  failed: FailedFile[];
};

/** `doing`: the current step, in words. */
export type TransferProgress = TransferCounts & { doing: string };

export type UploadDeps = {
  /** True for a digest that an earlier backup read back from this location. */
  isVerified: (sha256: string) => boolean;
  onProgress: (progress: TransferProgress) => void;
  signal: AbortSignal;
};

/** The last part of the staged folder's path, the same in every backup: restic finds its previous snapshot by it. */
export const STAGING_PATH = "backup-staging/snapshot";
