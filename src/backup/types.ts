import type { ArchiveFile } from "../query/lists/archive-files.ts";

/** How far a transfer is; `totalFiles` and `totalBytes` are 0 while they are not known. */
export type TransferCounts = { files: number; totalFiles: number; bytes: number; totalBytes: number };

/** A file that is not in a backup, or not with the right bytes. */
export type LackingFile = Pick<ArchiveFile, "path" | "kind" | "clipId" | "taskId" | "title"> & { reason: string };
