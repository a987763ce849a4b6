import { nameKey } from "../../../lib/files/spelled-name.ts";
import type { AnyClip } from "../song.ts";

/** What makes an album: the month in which songs were made, or the family of songs that were made from one another. */
export type AlbumKind = "month" | "family";

/** The album of a clip. */
export type AlbumTrack = {
  album: string;
  /** From 1, by age among all clips of the album: it stays when others are removed or not selected. */
  track: number;
  /** The title of the oldest known song of its family. */
  root: string;
};

/** Gives every clip of the archive (oldest first) its album; no two albums have one name. */
export function assignAlbums(clips: AnyClip[], kind: AlbumKind): Map<string, AlbumTrack> {
  const families = Map.groupBy(clips, topOf(clips));
  const albums = kind === "month" ? byMonth(clips) : byFamily(families);
  const roots = new Map([...families.values()].flatMap((family) => family.map(({ id }) => [id, family[0]!.title])));
  const assigned = new Map<string, AlbumTrack>();
  for (const [album, members] of albums)
    for (const [at, { id }] of members.entries()) assigned.set(id, { album, track: at + 1, root: roots.get(id) ?? "" });
  return assigned;
}

/** The first of a clip's line; one that nothing else is known of counts, a circle ends where it began. */
function topOf(clips: AnyClip[]): (clip: AnyClip) => string {
  const parents = new Map(clips.map(({ id, parentId }) => [id, parentId]));
  const tops = new Map<string, string>();
  return ({ id }) => {
    const line = new Set<string>();
    let top = id;
    for (let next: string | null | undefined = id; next; next = parents.get(next)) {
      const known = tops.get(next);
      if (known !== undefined || line.has(next)) {
        top = known ?? [...line].toSorted()[0] ?? id;
        break;
      }
      line.add(next);
      top = next;
    }
    for (const each of line) tops.set(each, top);
    return top;
  };
}

function byMonth(clips: AnyClip[]): Map<string, AnyClip[]> {
  return Map.groupBy(clips, ({ createdAt }) => monthOf(createdAt));
}

/** The album of a month: `2025-12`, in UTC. */
export function monthOf(time: number): string {
  return new Date(time).toISOString().slice(0, 7);
}

/** Songs that stand alone are kept together by month: an album of one song is none. */
function byFamily(families: Map<string, AnyClip[]>): Map<string, AnyClip[]> {
  const alone = [...families.values()].flatMap((family) => (family.length === 1 ? family : []));
  const albums = byMonth(alone.toSorted((one, other) => one.createdAt - other.createdAt));
  const taken = new Set([...albums.keys()].map(nameKey));
  for (const family of families.values()) if (family.length > 1) albums.set(freeName(family[0]!.title, taken), family);
  return albums;
}

function freeName(title: string, taken: Set<string>): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? title : `${title} (${number})`;
    if (taken.has(nameKey(name))) continue;
    taken.add(nameKey(name));
    return name;
  }
}
