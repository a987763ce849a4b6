import { nameKey } from "../../../lib/files/spelled-name.ts";
import { cutTo, LONGEST } from "./clean-name.ts";

export type Wanted = { clipId: string; id8: string; parts: string[] };

/**
 * A path for each song, none of which is another's on any file system. Songs whose names fall together all get their
 * `[id8]`; what then still does, a number, in the order of the ids. Folders that fall together are one folder, spelled
 * as the first of them.
 */
export function uniquePaths(songs: Wanted[]): Map<string, string> {
  const folders = new Map<string, string>();
  const named = songs.map(({ clipId, id8, parts }) => {
    const folder = parts
      .slice(0, -1)
      .reduce((above, part) => spelled(folders, above === "" ? part : `${above}/${part}`), "");
    const name = parts.at(-1) ?? "";
    return { clipId, id8, folder, name, key: keyOf(folder, name) };
  });
  for (const one of together(named).flat()) rename(one, marked(one.name, one.id8));
  const taken = new Set(named.map(({ key }) => key));
  for (const group of together(named))
    for (const one of group.toSorted((a, b) => (a.clipId < b.clipId ? -1 : 1)).slice(1))
      one.name = numbered(one, taken);
  return new Map(named.map(({ clipId, folder, name }) => [clipId, folder === "" ? name : `${folder}/${name}`]));
}

/** `key`: equal for those that some file system takes for one. */
type Named = { clipId: string; id8: string; folder: string; name: string; key: string };

function spelled(folders: Map<string, string>, folder: string): string {
  const key = nameKey(folder);
  const known = folders.get(key);
  if (known === undefined) folders.set(key, folder);
  return known ?? folder;
}

/** Those that are not alone. */
function together(named: Named[]): Named[][] {
  return [...Map.groupBy(named, ({ key }) => key).values()].filter(({ length }) => length > 1);
}

function keyOf(folder: string, name: string): string {
  return nameKey(`${folder}/${name}`);
}

function rename(one: Named, name: string): void {
  one.name = name;
  one.key = keyOf(one.folder, name);
}

function marked(name: string, id8: string): string {
  return withEnd(name, name.endsWith(`[${id8}]`) ? "" : ` [${id8}]`);
}

function numbered({ folder, name }: Named, taken: Set<string>): string {
  for (let number = 2; ; number++) {
    const tried = withEnd(name, ` (${number})`);
    const key = keyOf(folder, tried);
    if (taken.has(key)) continue;
    taken.add(key);
    return tried;
  }
}

function withEnd(name: string, end: string): string {
  return cutTo(name, LONGEST - end.length) + end;
}
