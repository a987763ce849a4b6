/** A stored file that is wanted back, as the archive's row tells of it. */
export type WantedCopy = {
  /** Lower-case hex: what the copy must be. */
  sha256: string;
  /** Null when the row does not say. */
  bytes: number | null;
  /** Relative to the assets folder, forward slashes: where a backup has it, if it keeps the archive's own layout. A hint. */
  path: string;
};

/** A copy that was brought. */
export type BroughtCopy = {
  /** Of the copy that was asked for; whoever asked holds the bytes against it again. */
  sha256: string;
  /** Absolute, in the folder that was named; belongs to whoever asked. */
  place: string;
};

/**
 * A place outside of the archive that lost files are taken back from by their digest: a folder, or a backup that restic
 * or rclone keeps. It is only ever read. Everything throws MirrorError (DiskError, UsageError, UpstreamError,
 * RefusedError …) when the place as a whole cannot be used, and the signal's reason once that aborts; a single file
 * that the place lacks or cannot give is no error, it is left out of the answer.
 */
export type CopySource = AsyncDisposable & {
  /** As a person named it: an absolute folder, `restic:…` or `rclone:…`; never a secret. */
  readonly location: string;

  /** Which of these it has, by digest as far as it can tell without bringing them; for a dry run. Writes nothing. */
  find(wanted: WantedCopy[], signal: AbortSignal): Promise<Set<string>>;

  /**
   * Brings those that it has into `folder`: absolute, there, empty, on the disk of the assets, for its owner alone. Each
   * is a regular file of its own under any name, and is given out as soon as it lies there, in any order; one digest once.
   * The caller asks for a bounded number at a time (100 files or 2 GB), so that one call of a program can bring all
   * of them, and removes what lies in `folder` afterwards. Bytes that turn out wrong may be given out all the same:
   * the caller checks. A source that can find by path alone tries `path` first.
   */
  bring(wanted: WantedCopy[], folder: string, signal: AbortSignal): AsyncIterable<BroughtCopy>;
};
