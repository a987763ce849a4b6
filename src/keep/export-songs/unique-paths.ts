import { cutTo, LONGEST, nameKey } from "./clean-name.ts";

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
    return { clipId, id8, folder, name: parts.at(-1) ?? "" };
  });
  for (const group of together(named))
    if (group.length > 1) for (const one of group) one.name = marked(one.name, one.id8);
  const taken = new Set(named.map(keyOf));
  for (const group of together(named))
    for (const one of group.toSorted((a, b) => (a.clipId < b.clipId ? -1 : 1)).slice(1))
      one.name = numbered(one, taken);
  return new Map(named.map(({ clipId, folder, name }) => [clipId, folder === "" ? name : `${folder}/${name}`]));
}

type Named = { clipId: string; id8: string; folder: string; name: string };

function spelled(folders: Map<string, string>, folder: string): string {
  const key = nameKey(folder);
  const known = folders.get(key);
  if (known === undefined) folders.set(key, folder);
  return known ?? folder;
}

function together(named: Named[]): Named[][] {
  return [...Map.groupBy(named, keyOf).values()];
}

function keyOf({ folder, name }: { folder: string; name: string }): string {
  return nameKey(`${folder}/${name}`);
}

function marked(name: string, id8: string): string {
  return withEnd(name, name.endsWith(`[${id8}]`) ? "" : ` [${id8}]`);
}

function numbered({ folder, name }: Named, taken: Set<string>): string {
  for (let number = 2; ; number++) {
    const tried = withEnd(name, ` (${number})`);
    const key = keyOf({ folder, name: tried });
    if (taken.has(key)) continue;
    taken.add(key);
    return tried;
  }
}

function withEnd(name: string, end: string): string {
  return cutTo(name, LONGEST - end.length) + end;
}
