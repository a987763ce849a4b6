import type { Fact, FileFact } from "./look-at-folder.ts";
import type { PlannedFile } from "./plan/planned-file.ts";
import type { MadeFile, MadeFiles } from "./state.ts";

export type Write = {
  file: PlannedFile;
  as: "written" | "retagged";
  /** Date of the file of ours that lies there now, in milliseconds UTC; null when there is none. */
  replaces: number | null;
};
export type Move = {
  file: PlannedFile;
  from: string;
  /** Of the file, in milliseconds UTC. */
  modifiedAt: number;
};
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
  /** Where case or accents do not count: files that are found under their new names already, and how they are spelled. */
  spellings: { path: string; spelled: string }[];
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
  const changes: Changes = {
    unchanged: [],
    moves: [],
    spellings: [],
    writes: [],
    skipped: [],
    removals: [],
    kept: [],
    forgotten: [],
  };
  const paths = new Set(planned.map(({ path }) => path));
  const leaving = leavingFiles(paths, made, facts);
  const files = new Set([...leaving.values()].map(({ fact }) => fact.file));
  const used = new Map<string, "moved" | "replaced">();
  for (const file of planned) {
    const fact = facts.get(file.path) ?? "absent";
    const entry = made.get(file.path);
    if (fact === "absent" || (typeof fact === "object" && files.has(fact.file)))
      arrive(file, fact, leaving, used, changes);
    else if (typeof fact === "object" && entry && fact.asMade) stay(file, entry, fact, changes);
    else if (typeof fact === "object" && fact.equals) changes.unchanged.push(asItIs(file, fact));
    else changes.skipped.push({ path: file.path, ...(entry && fact !== "other" ? CHANGED : IN_THE_WAY) });
  }
  spell(facts, changes);
  leave(paths, made, facts, used, changes);
  return changes;
}

type Leaving = { path: string; made: MadeFile; fact: FileFact };

/** Those that may be renamed, by what they are. */
function leavingFiles(paths: Set<string>, made: MadeFiles, facts: Map<string, Fact>): Map<string, Leaving> {
  const leaving = new Map<string, Leaving>();
  for (const [path, entry] of made) {
    const fact = facts.get(path) ?? "absent";
    if (paths.has(path) || typeof fact !== "object" || !fact.asMade) continue;
    leaving.set(`${entry.kind} ${entry.owner}`, { path, made: entry, fact });
  }
  return leaving;
}

function arrive(
  file: PlannedFile,
  fact: Fact,
  leaving: Map<string, Leaving>,
  used: Map<string, "moved" | "replaced">,
  { moves, writes }: Changes,
): void {
  const before = leaving.get(`${file.kind} ${file.owner}`);
  const there = typeof fact === "object" ? fact : undefined;
  const isFree = there === undefined || there.file === before?.fact.file;
  const isSame = before?.made.print === file.print && before.made.bytes !== null && isFree;
  if (before) used.set(before.path, isSame ? "moved" : "replaced");
  if (before && isSame) moves.push({ file, from: before.path, modifiedAt: before.fact.modifiedAt });
  else {
    const as = before && file.kind === "audio" ? "retagged" : "written";
    writes.push({ file, as, replaces: there?.modifiedAt ?? null });
  }
}

function spell(facts: Map<string, Fact>, { moves, writes, spellings }: Changes): void {
  const spelledAt = (path: string) => {
    const fact = facts.get(path);
    return typeof fact === "object" && fact.file !== path ? fact.file : undefined;
  };
  const moved = new Set(moves.map(({ from }) => spelledAt(from) ?? from));
  for (const { file } of moves) {
    const spelled = spelledAt(file.path);
    if (spelled !== undefined) spellings.push({ path: file.path, spelled });
  }
  for (const { file, replaces } of writes) {
    const spelled = spelledAt(file.path);
    // One that moves away first is not there to be replaced.
    if (replaces !== null && spelled !== undefined && !moved.has(spelled)) spellings.push({ path: file.path, spelled });
  }
}

function stay(file: PlannedFile, entry: MadeFile, fact: FileFact, { unchanged, writes }: Changes): void {
  if (entry.print === file.print && entry.bytes !== null) unchanged.push(asItIs(file, fact));
  else {
    const isBegun = entry.bytes === null && entry.print === file.print;
    writes.push({ file, as: file.kind === "audio" && !isBegun ? "retagged" : "written", replaces: fact.modifiedAt });
  }
}

function asItIs(file: PlannedFile, { bytes, modifiedAt }: FileFact): Changes["unchanged"][number] {
  return { file, bytes, modifiedAt };
}

function leave(
  paths: Set<string>,
  made: MadeFiles,
  facts: Map<string, Fact>,
  used: Map<string, "moved" | "replaced">,
  changes: Changes,
): void {
  const { removals, kept, forgotten } = changes;
  // A file goes once, whatever it is called; one that stays under another spelling does not go.
  const done = new Set([...stayingPaths(changes), ...changes.moves.map(({ from }) => from)].map(fileAt));
  for (const path of made.keys()) {
    const fact = facts.get(path) ?? "absent";
    if (paths.has(path) || used.get(path) === "moved") continue;
    if (fact === "absent" || done.has(fileAt(path))) forgotten.push(path);
    else if (typeof fact === "object" && fact.asMade) removals.push({ path, counted: used.get(path) === undefined });
    else kept.push({ path, ...CHANGED });
    done.add(fileAt(path));
  }

  function fileAt(path: string): string {
    const fact = facts.get(path);
    return typeof fact === "object" ? fact.file : path;
  }
}

function stayingPaths({ unchanged, writes, skipped }: Changes): string[] {
  const replaced = writes.filter(({ replaces }) => replaces !== null);
  return [...[...unchanged, ...replaced].map(({ file }) => file.path), ...skipped.map(({ path }) => path)];
}
