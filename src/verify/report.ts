import type { ArchiveFile, FileTotals } from "../query/lists/archive-files.ts";
import type { FileProblem } from "./check-file.ts";
import type { FileFinding } from "./walk-files.ts";
import type { VerifyMode } from "./plan.ts";

/** One file that is missing, damaged, unreadable or extra. An extra file belongs to no song. */
export type VerifyEntry = {
  /** Relative to the assets folder, forward slashes. */
  path: string;
  kind: string | null;
  clipId: string | null;
  taskId: string | null;
  title: string | null;
  reason: string;
  /** Of a corrupt file: `type`, `size`, `digest`, `decode`, or `swapped` when it has the bytes of another file. */
  problem?: FileProblem | "swapped";
  /** The file whose bytes it has. */
  holds?: Pick<ArchiveFile, "path" | "kind" | "clipId" | "title">;
};

/** A lost file that was repaired, and the source of its bytes. In a dry run: a file that could be repaired. */
export type RepairedFile = Omit<VerifyEntry, "problem" | "holds" | "reason"> & {
  /** A path below the assets folder, the location given to `--from`, or `upstream`. */
  from: string;
};

export type VerifyReport = {
  mode: VerifyMode;
  /** `checked` = `ok` + missing + corrupt + unreadable. */
  checked: number;
  ok: number;
  /** After a repair: what is still missing. The same for `corrupt`. */
  missing: VerifyEntry[];
  corrupt: VerifyEntry[];
  /** The disk refused to read these. Whether they are damaged is unknown. */
  unreadable: VerifyEntry[];
  /** Files in the folder that no row names. */
  extra: VerifyEntry[];
  repaired: number;
  repairs: RepairedFile[];
  /** Old partial downloads that were removed. */
  partsCleared: number;
  /** Quarantined files that were removed, since the right bytes are back in their place. In a dry run: that would be. */
  quarantinedCleared: number;
  /** Of the intact files. */
  bytes: number;
  /** All files of the archive; fewer are checked with --subset. */
  total: FileTotals;
  /** When the verify started that this one continued, ISO 8601. Its files are counted too. */
  resumedFrom: string | null;
  /** Files that were not checked because the time was up or the verify was stopped. */
  left: number;
  /** What is wrong with the database, one line each. */
  database: string[];
  /** True when songs and tasks were to be compared with the journal, and other rules than this program's have made them. */
  rowsNotCompared: boolean;
  /** Why the findings could not be recorded in the archive; null when they were. */
  notWritten: string | null;
  /** Why the repair ended before the last file, such as a full disk; null when it did not. */
  notRepaired: string | null;
  /** True when it was stopped before the last file. */
  interrupted: boolean;
};

/** The findings of one kind, ordered by id. `owners` has for each digest the file that should have those bytes. */
export function entriesOf(
  findings: FileFinding[],
  is: FileFinding["check"]["is"],
  owners: Map<string, ArchiveFile>,
): VerifyEntry[] {
  return findings
    .filter(({ check }) => check.is === is)
    .toSorted((one, other) => one.file.id - other.file.id)
    .map((finding) => toEntry(finding, owners));
}

/** The entry of a file that no row names. */
export function extraEntry(path: string): VerifyEntry {
  const reason = /\.differs-[0-9a-f]{8}\.\w+$/.test(path)
    ? "other bytes than the archive has for this file"
    : /\.bad\d*$/.test(path)
      ? "a damaged file that was quarantined"
      : "it belongs to no song of the archive";
  return { path, kind: null, clipId: null, taskId: null, title: null, reason };
}

/** The entry of a folder that could not be listed. */
export function unreadableFolder(reason: string): VerifyEntry {
  return { path: "", kind: null, clipId: null, taskId: null, title: null, reason };
}

function toEntry({ file, check }: FileFinding, owners: Map<string, ArchiveFile>): VerifyEntry {
  const { path, kind, clipId, taskId, title } = file;
  const entry = { path, kind, clipId, taskId, title, reason: check.reason };
  if (check.is !== "corrupt") return entry;
  const owner = check.sha256 === undefined ? undefined : owners.get(check.sha256);
  if (owner === undefined || owner.id === file.id) return { ...entry, problem: check.problem };
  return {
    ...entry,
    reason: `it has the bytes of ${owner.path}`,
    problem: "swapped",
    holds: { path: owner.path, kind: owner.kind, clipId: owner.clipId, title: owner.title },
  };
}
