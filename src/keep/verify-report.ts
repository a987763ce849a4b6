import type { KeptFile } from "../query/kept-files.ts";
import type { Verdict } from "./check-file.ts";

/** One file that is not as it should be. An extra one belongs to no song. */
export type VerifyEntry = {
  /** Relative to the assets folder, forward slashes. */
  path: string;
  kind: string | null;
  clipId: string | null;
  taskId: string | null;
  title: string | null;
  reason: string;
};

export type VerifyReport = {
  mode: "quick" | "full";
  /** Files that the archive has taken in; `checked` = `ok` + missing + corrupt + unreadable. */
  checked: number;
  ok: number;
  missing: VerifyEntry[];
  corrupt: VerifyEntry[];
  /** The disk did not let us look at these: says nothing about them. */
  unreadable: VerifyEntry[];
  /** Lie in the folder, and no row names them. */
  extra: VerifyEntry[];
  repaired: number;
  /** Of the files that are right. */
  bytes: number;
  /** What SQLite found wrong with the database. */
  database: string[];
  /** Why what was found could not be written down, null when it was. */
  notWritten: string | null;
  /** True when it was stopped before the last file. */
  interrupted: boolean;
};

/** A row and what became of its file. */
export type Finding = { file: KeptFile; verdict: Exclude<Verdict, { is: "right" }> };

/** The findings of one kind, in the order of the archive. */
export function entriesOf(findings: Finding[], is: Finding["verdict"]["is"]): VerifyEntry[] {
  const owners = new Map(
    findings.flatMap(({ file, verdict }) =>
      verdict.is === "corrupt" && file.sha256 ? [[file.sha256, file.path]] : [],
    ),
  );
  return findings
    .filter(({ verdict }) => verdict.is === is)
    .toSorted((one, other) => one.file.id - other.file.id)
    .map(({ file, verdict }) => toEntry(file, reasonOf(verdict, owners)));
}

/** A file that no row names. */
export function extraEntry(path: string): VerifyEntry {
  return { path, kind: null, clipId: null, taskId: null, title: null, reason: "no song of the archive names it" };
}

/** A folder that could not be listed. */
export function unreadableFolder(reason: string): VerifyEntry {
  return { path: "", kind: null, clipId: null, taskId: null, title: null, reason };
}

function toEntry({ path, kind, clipId, taskId, title }: KeptFile, reason: string): VerifyEntry {
  return { path, kind, clipId, taskId, title, reason };
}

/** Two files that were swapped hold each other's bytes: saying so spares a person a search. */
function reasonOf(verdict: Finding["verdict"], owners: Map<string, string>): string {
  const owner = verdict.is === "corrupt" && verdict.sha256 !== undefined ? owners.get(verdict.sha256) : undefined;
  return owner === undefined ? verdict.reason : `it holds the bytes of ${owner}`;
}
