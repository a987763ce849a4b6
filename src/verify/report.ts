import type { KeptFile, KeptTotals } from "../query/lists/archive-files.ts";
import type { Problem } from "./check-file.ts";
import type { Finding } from "./walk-files.ts";
import type { VerifyMode } from "./plan.ts";

/** One file that is not as it should be. An extra one belongs to no song. */
export type VerifyEntry = {
  /** Relative to the assets folder, forward slashes. */
  path: string;
  kind: string | null;
  clipId: string | null;
  taskId: string | null;
  title: string | null;
  reason: string;
  /** Of a corrupt one: `type`, `size`, `digest`, `decode`, or `swapped` when it holds the bytes of another file. */
  problem?: Problem | "swapped";
  /** The file whose bytes lie there. */
  holds?: Pick<KeptFile, "path" | "kind" | "clipId" | "title">;
};

/** A file that was lost and is back, and what it was taken from; in a dry run: would be. */
export type Repaired = Omit<VerifyEntry, "problem" | "holds" | "reason"> & {
  /** A path below the assets folder, the place that `--from` named, or `upstream`. */
  from: string;
};

export type VerifyReport = {
  mode: VerifyMode;
  /** Files that the archive has taken in; `checked` = `ok` + missing + corrupt + unreadable. */
  checked: number;
  ok: number;
  /** After a repair: what is still missing, damaged. */
  missing: VerifyEntry[];
  corrupt: VerifyEntry[];
  /** The disk did not let us look at these: says nothing about them. */
  unreadable: VerifyEntry[];
  /** Lie in the folder, and no row names them. */
  extra: VerifyEntry[];
  repaired: number;
  repairs: Repaired[];
  /** Leftovers of downloads that were cleared away. */
  partsCleared: number;
  /** Of the files that are right. */
  bytes: number;
  /** All files of the archive; fewer are checked with --subset. */
  total: KeptTotals;
  /** When the verify began that this one went on with, ISO 8601; its files are counted. */
  resumedFrom: string | null;
  /** Files that were not looked at, because time was up or it was stopped. */
  left: number;
  /** What SQLite found wrong with the database. */
  database: string[];
  /** Why what was found could not be written down, null when it was. */
  notWritten: string | null;
  /** Why the repair ended before the last file, such as a full disk; null when it did not. */
  notRepaired: string | null;
  /** True when it was stopped before the last file. */
  interrupted: boolean;
};

/** The findings of one kind, in the order of the archive; `owners`: whose bytes a digest stands for. */
export function entriesOf(
  findings: Finding[],
  is: Finding["verdict"]["is"],
  owners: Map<string, KeptFile>,
): VerifyEntry[] {
  return findings
    .filter(({ verdict }) => verdict.is === is)
    .toSorted((one, other) => one.file.id - other.file.id)
    .map((finding) => toEntry(finding, owners));
}

/** A file that no row names. */
export function extraEntry(path: string): VerifyEntry {
  const reason = /\.differs-[0-9a-f]{8}\.\w+$/.test(path)
    ? "what upstream has now in place of a file that was lost"
    : /\.bad\d*$/.test(path)
      ? "a damaged file that was put aside"
      : "no song of the archive names it";
  return { path, kind: null, clipId: null, taskId: null, title: null, reason };
}

/** A folder that could not be listed. */
export function unreadableFolder(reason: string): VerifyEntry {
  return { path: "", kind: null, clipId: null, taskId: null, title: null, reason };
}

function toEntry({ file, verdict }: Finding, owners: Map<string, KeptFile>): VerifyEntry {
  const { path, kind, clipId, taskId, title } = file;
  const entry = { path, kind, clipId, taskId, title, reason: verdict.reason };
  if (verdict.is !== "corrupt") return entry;
  const owner = verdict.sha256 === undefined ? undefined : owners.get(verdict.sha256);
  if (owner === undefined || owner.id === file.id) return { ...entry, problem: verdict.problem };
  return {
    ...entry,
    reason: `it holds the bytes of ${owner.path}`,
    problem: "swapped",
    holds: { path: owner.path, kind: owner.kind, clipId: owner.clipId, title: owner.title },
  };
}
