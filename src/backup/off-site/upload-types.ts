/** A stored file: where it lies below the assets folder, and what it must be. */
export type StoredFile = { path: string; bytes: number; sha256: string };

/** What a backup consists of, ready to be sent. */
export type Staged = {
  /** Absolute; holds archive.db, journal/, backup.json and SHA256SUMS, which names all of these and the assets. */
  folder: string;
  archiveId: string;
  /** The assets folder itself, no symlink to it. */
  assetsRoot: string;
  files: StoredFile[];
};

/** A file that is not at the place as it should be. */
export type NotKept = { path: string; reason: string };

/** What a place is proven to hold. */
export type Proof = {
  /** Of this backup at the place: a restic snapshot's id or the folder's name. */
  name: string;
  /** Files whose bytes were read back from the place and were right. */
  readBack: StoredFile[];
  /** Files that an earlier backup read back, found again by name and size. */
  known: StoredFile[];
  notKept: NotKept[];
};

export type SendProgress = { doing: string; files: number; totalFiles: number; bytes: number; totalBytes: number };

export type SendDeps = {
  /** True for a digest that an earlier backup read back from this place. */
  isKnown: (sha256: string) => boolean;
  onProgress: (progress: SendProgress) => void;
  signal: AbortSignal;
};

/** Says whose the files beside it are. */
export const ASSETS_MARKER = ".producer-mirror";

/** The last part of the staged folder's path, the same in every backup: restic finds its last snapshot by it. */
export const STAGED = "backup-staging/snapshot";
