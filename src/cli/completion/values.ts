import type { Reader } from "../../app/archive.ts";
import { accounts } from "../../query/lists/accounts.ts";
import {
  completeClips,
  completeIds,
  completePlaylists,
  completeTags,
  completeTracked,
  completeWords,
  type Candidate,
} from "../../query/lists/completions.ts";
import { queryNames } from "../../query/sql/saved-queries.ts";

/** The shell itself lists files and folders: these words tell it to. */
export type ShellPaths = "files" | "folders";
/** Opens the archive when it is first read. */
export type ArchiveSource = { archive: () => Reader | undefined };
type Source = ShellPaths | ((look: ArchiveSource, prefix: string) => Candidate[]);

/** Options whose values depend on the option and not only on the placeholder in angle brackets. */
const BY_FLAG: Record<string, Source> = {
  "--model": fromArchive((db) => completeWords(db, "model")),
  "--action": fromArchive((db) => completeWords(db, "action")),
  "--tag": fromArchive(completeTags),
  "--playlist": fromArchive(completePlaylists),
  "--root": fromArchive(completeIds),
  "--children-of": fromArchive(completeIds),
  "--account": fromArchive((db) => accounts(db).map(({ id, tasks }) => ({ value: id, about: `${tasks} tasks` }))),
  "--timezone": () => plain(Intl.supportedValuesOf("timeZone")),
};

/** The placeholder in angle brackets of an argument or option. */
const BY_PLACEHOLDER: Record<string, Source> = {
  id: fromArchive(completeIds),
  ids: fromArchive(completeIds),
  playlist: fromArchive(completePlaylists),
  file: "files",
  files: "files",
  folder: "folders",
  from: "folders",
  location: "folders",
  query: (look) => plain(savedQueries(look.archive()?.home)),
};

/** Commands that take only some ids. */
const IDS_OF: Record<string, Source> = {
  track: fromArchive((db, prefix) => completeTracked(db, prefix, false)),
  untrack: fromArchive((db, prefix) => completeTracked(db, prefix, true)),
  tag: fromArchive(completeClips),
  star: fromArchive(completeClips),
  unstar: fromArchive(completeClips),
  sync: fromArchive((db, prefix) => completeTracked(db, prefix, true)),
};

/** The values of an option, by its long flag and what it takes. */
export function optionValues(
  flag: string,
  placeholder: string,
  look: ArchiveSource,
  prefix: string,
): ShellPaths | Candidate[] {
  return ask(BY_FLAG[flag] ?? BY_PLACEHOLDER[placeholder], look, prefix);
}

/** The values of a command's argument. */
export function argumentValues(
  command: string,
  placeholder: string,
  look: ArchiveSource,
  prefix: string,
): ShellPaths | Candidate[] {
  if (command === "tag" && /^[+-]/.test(prefix)) return signedTags(look, prefix);
  return ask((placeholder === "ids" && IDS_OF[command]) || BY_PLACEHOLDER[placeholder], look, prefix);
}

/** Words without a description. */
export function plain(words: readonly string[]): Candidate[] {
  return words.map((value) => ({ value, about: "" }));
}

function ask(source: Source | undefined, look: ArchiveSource, prefix: string): ShellPaths | Candidate[] {
  return typeof source === "function" ? source(look, prefix) : (source ?? []);
}

function fromArchive(read: (db: Reader["db"], prefix: string) => Candidate[]): Source {
  return (look, prefix) => {
    const archive = look.archive();
    return archive ? read(archive.db, prefix) : [];
  };
}

function signedTags(look: ArchiveSource, prefix: string): Candidate[] {
  const archive = look.archive();
  const sign = prefix.slice(0, 1);
  return archive
    ? completeTags(archive.db, prefix.slice(1)).map(({ value }) => ({ value: sign + value, about: "" }))
    : [];
}

/** `sql @name` runs `<home>/queries/<name>.sql`. */
function savedQueries(home: string | undefined): string[] {
  if (home === undefined) return [];
  try {
    return queryNames(home).map((name) => `@${name}`);
  } catch {
    return []; // there may be no queries
  }
}
