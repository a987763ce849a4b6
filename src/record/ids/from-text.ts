import { IN_URL, isUuid, uuidsIn, type Collector } from "./collector.ts";
import { keyKind } from "./key-kind.ts";
import { ownKey, type OwnKey } from "./own-key.ts";

/** The scheme is bounded, so that a long line without any URL is read once. */
const LINK = /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s"'<>()[\]{}|,;\\]*/gi;
/** What may be between the members of a list that have one key. */
const BETWEEN = /^["'`\\)\]]*\s*(?:,|;|&|and)\s*(?:\w+\()?["'`\\([]*$/i;
/** The name of a song's file. */
const MEDIA = /^\.(?:m4a|mp3|wav|flac|ogg|jpe?g|png|webp|gif|mp4|zip|part|lrc|txt)\b/i;
const PATH_BEFORE = /(?:^|[^\s"'`=<>()[\]{}|,;])*\/$/;
const QUERY_BEFORE = /(?:^|[\s"'`])\/[^\s"'`]*[?&][^\s"'`=]*=$/;

type Match = { id: string; own: OwnKey };

export type TextOptions = {
  /** Only what the text itself names as a task's id. */
  strict: boolean;
  /** What the line belongs to, where it says nothing itself: the key of a list above it. */
  parent?: string | undefined;
};

/** The task ids in one line of text: every uuid but those in URLs and those whose own key names something else. */
export function pickFromLine(line: string, { strict, parent }: TextOptions, found: Collector): void {
  const matches = matchesIn(line, found);
  const namesTask = matches.some(({ own }) => own.kind === "task");
  for (const { id, own } of matches) {
    const { name, kind } =
      own.kind === "id" || own.name === undefined ? resolve(own, line, id, namesTask, parent) : own;
    if (kind === "task" || (kind === "text" && !strict)) found.add(id, name);
    else if (kind !== "text") found.leave(id, name ?? kind);
  }
}

function matchesIn(line: string, found: Collector): Match[] {
  const links = [...line.matchAll(LINK)].map(({ index, 0: { length } }) => [index, index + length] as const);
  const matches: Match[] = [];
  let end = 0;
  let last: OwnKey | undefined;
  for (const { 0: id, index } of uuidsIn(line)) {
    const behind = index + id.length;
    if (links.some(([from, to]) => index >= from && index < to) || isInPath(line, index, behind))
      found.leave(id, IN_URL);
    else {
      const isMember = last !== undefined && BETWEEN.test(line.slice(end, index));
      last = isMember && last ? last : ownKey(line.slice(Math.max(0, index - 400), index));
      matches.push({ id, own: last });
    }
    end = behind;
  }
  return matches;
}

function isInPath(line: string, index: number, behind: number): boolean {
  const before = line.slice(Math.max(0, index - 400), index);
  const after = line.slice(behind, behind + 8);
  if (MEDIA.test(after) || /^\/[\w.]/.test(after) || QUERY_BEFORE.test(before)) return true;
  if (!PATH_BEFORE.test(before) || !before.endsWith("/")) return false;
  return !/(?:^|[\s"'`=:,([])tasks?\/$/i.test(before) && !/^\.(?:json|ndjson)\b/i.test(after);
}

/** An `id` or a bare uuid is what its list, its table or its line is of. */
function resolve(own: OwnKey, line: string, id: string, namesTask: boolean, parent?: string): OwnKey {
  if (own.kind === "id") {
    const [, table] = /\b(?:from|into|update|join)\s+["`[]?(?:\w+["`\]]?\.["`[]?)?(\w+)/i.exec(line) ?? [];
    for (const thing of [table, parent]) {
      const kind = thing === undefined ? "unknown" : keyKind(thing);
      if (kind === "task" || kind === "other") return { name: `${thing}.${own.name}`, kind };
    }
    return { ...own, kind: namesTask ? "other" : "text" };
  }
  const isAlone = parent !== undefined && own.kind === "text" && isUuid(line.replaceAll(/^\s*[-*•]?|[\s"'`,;]+/g, ""));
  const kind = isAlone ? keyKind(parent) : own.kind;
  return isAlone && (kind === "task" || kind === "other") && id !== ""
    ? { name: parent, kind }
    : { ...own, kind: own.kind };
}
