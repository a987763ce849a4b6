import { isAsMade, type Fact } from "./look-at-folder.ts";
import type { PlannedFile } from "./plan/planned-file.ts";
import type { MadeFile, MadeFiles } from "./state.ts";

export type Write = {
  file: PlannedFile;
  as: "written" | "retagged";
  /** Date of the file of ours that lies there now, in milliseconds UTC; null when there is none. */
  replaces: number | null;
};
export type Move = { file: PlannedFile; from: string };
export type NotExported = {
  path: string;
  reason: string;
  /** Because of something that must go before it can be written; otherwise a person wants it so. */
  blocked: boolean;
};

/** What makes the folder as it should be; every planned file is in exactly one of the first four. */
export type Changes = {
  unchanged: { file: PlannedFile; bytes: number; modifiedAt: number }[];
  moves: Move[];
  writes: Write[];
  /** Planned, but something else lies there, which is never touched. */
  skipped: NotExported[];
  /** Made by an export, not planned any more. `counted`: not only replaced under another name. */
  removals: { path: string; counted: boolean }[];
  /** Not planned any more, but a person changed them: theirs now. */
  kept: NotExported[];
  /** Entries of files that are not there any more. */
  forgotten: string[];
};

const CHANGED = { reason: "changed by hand: kept as it is", blocked: false };
export const IN_THE_WAY = { reason: "something else lies there: not overwritten", blocked: true };

/** Decides; touches nothing. `facts` says what lies at each path that is planned or was made. */
export function planChanges(planned: PlannedFile[], made: MadeFiles, facts: Map<string, Fact>): Changes {
  const changes: Changes = { unchanged: [], moves: [], writes: [], skipped: [], removals: [], kept: [], forgotten: [] };
  const paths = new Set(planned.map(({ path }) => path));
  const leaving = leavingFiles(paths, made, facts);
  const inodes = new Set([...leaving.values()].map(({ inode }) => inode));
  const used = new Map<string, "moved" | "replaced">();
  for (const file of planned) {
    const fact = facts.get(file.path) ?? "absent";
    const entry = made.get(file.path);
    if (fact === "absent" || isLeaving(fact, inodes)) arrive(file, fact, leaving, used, changes);
    else if (typeof fact === "object" && isAsMade(entry, fact)) stay(file, entry as MadeFile, fact, changes);
    else if (typeof fact === "object" && fact.equals) changes.unchanged.push({ file, ...fact });
    else changes.skipped.push({ path: file.path, ...(entry && fact !== "other" ? CHANGED : IN_THE_WAY) });
  }
  leave(paths, made, facts, used, changes);
  return changes;
}

type Leaving = { path: string; made: MadeFile; inode: number };

/** Those that may be renamed, by what they are. */
function leavingFiles(paths: Set<string>, made: MadeFiles, facts: Map<string, Fact>): Map<string, Leaving> {
  const leaving = new Map<string, Leaving>();
  for (const [path, entry] of made) {
    const fact = facts.get(path) ?? "absent";
    if (paths.has(path) || typeof fact !== "object" || !isAsMade(entry, fact)) continue;
    leaving.set(`${entry.kind} ${entry.owner}`, { path, made: entry, inode: fact.inode });
  }
  return leaving;
}

/** The same file under another spelling, where case or accents do not count. */
function isLeaving(fact: Fact, inodes: Set<number>): boolean {
  return typeof fact === "object" && fact.inode !== 0 && inodes.has(fact.inode);
}

function arrive(
  file: PlannedFile,
  fact: Fact,
  leaving: Map<string, Leaving>,
  used: Map<string, "moved" | "replaced">,
  { moves, writes }: Changes,
): void {
  const before = leaving.get(`${file.kind} ${file.owner}`);
  const isFree = typeof fact !== "object" || fact.inode === before?.inode;
  const isSame = before?.made.print === file.print && before.made.bytes !== null && isFree;
  if (before) used.set(before.path, isSame ? "moved" : "replaced");
  if (before && isSame) moves.push({ file, from: before.path });
  else writes.push({ file, as: before && file.kind === "audio" ? "retagged" : "written", replaces: null });
}

function stay(
  file: PlannedFile,
  entry: MadeFile,
  fact: { bytes: number; modifiedAt: number },
  { unchanged, writes }: Changes,
): void {
  if (entry.print === file.print && entry.bytes !== null)
    unchanged.push({ file, bytes: fact.bytes, modifiedAt: fact.modifiedAt });
  else {
    const isBegun = entry.bytes === null && entry.print === file.print;
    writes.push({ file, as: file.kind === "audio" && !isBegun ? "retagged" : "written", replaces: fact.modifiedAt });
  }
}

function leave(
  paths: Set<string>,
  made: MadeFiles,
  facts: Map<string, Fact>,
  used: Map<string, "moved" | "replaced">,
  { removals, kept, forgotten }: Changes,
): void {
  for (const [path, entry] of made) {
    const fact = facts.get(path) ?? "absent";
    if (paths.has(path) || used.get(path) === "moved") continue;
    if (fact === "absent") forgotten.push(path);
    else if (isAsMade(entry, fact)) removals.push({ path, counted: used.get(path) === undefined });
    else kept.push({ path, ...CHANGED });
  }
}
