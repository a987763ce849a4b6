/** A lost file, by the facts of its row. */
export type WantedCopy = {
  /** Lower-case hex. The copy must have this digest. */
  sha256: string;
  /** Null when it is unknown. */
  bytes: number | null;
  /** Relative to the assets folder, forward slashes. A hint: a backup with the archive's layout has the file there. */
  path: string;
};

export type FetchedCopy = {
  /** Of the wanted copy. The caller verifies the bytes. */
  sha256: string;
  /** Absolute, in the folder that the caller gave. The caller removes the file. */
  path: string;
};

/**
 * A location outside of the archive from which lost files are fetched by their digest: a folder, or a backup of restic or
 * rclone. It is only read. Every method throws MirrorError (DiskError, UsageError, UpstreamError, RefusedError …) when the
 * location cannot be used at all, and the signal's reason when that aborts. A single file that is missing or cannot be
 * read is not an error: it is left out.
 */
export type CopySource = AsyncDisposable & {
  /** As the user gave it: an absolute folder, `restic:…` or `rclone:…`. Never contains a secret. */
  readonly location: string;

  /** The digests of those that it seems to have, as far as it can tell without fetching. For a dry run; writes nothing. */
  find(wanted: WantedCopy[], signal: AbortSignal): Promise<Set<string>>;

  /**
   * Copies those that it has into `folder`, which is absolute, exists, is empty, and is on the disk of the assets. Yields
   * each copy as soon as it is complete, in any order and each digest once. A copy is a regular file under any name. The
   * caller passes a limited number (100 files or 2 GB), so that one run of a program can copy them all, and empties
   * `folder` afterwards. The bytes may be wrong: the caller checks them. A source that can search by path tries `path` first.
   */
  fetch(wanted: WantedCopy[], folder: string, signal: AbortSignal): AsyncIterable<FetchedCopy>;
};
