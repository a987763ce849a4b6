/** An entry of a playlist: a clip may have several. */
export type PlaylistEntry = { clipId: string; addedAt: number };

/** An entry as somebody saw it: another change may have moved it since. */
export type SeenEntry = { position: number; clipId: string };

/** What is done to the order of a playlist. Positions count from 0; a position of null is the end. */
export type EntriesChange =
  | { do: "add"; clipIds: string[]; position: number | null }
  | { do: "remove"; entries: SeenEntry[] }
  | { do: "move"; entry: SeenEntry; to: number }
  | { do: "replace"; clipIds: string[] };

/**
 * The entries after a change. An entry is known by its clip and by where it was seen: when it is not there any more, the
 * nearest entry of the same clip is meant, so that of two people who edit at once neither hits a song of the other.
 */
export function editEntries(entries: PlaylistEntry[], change: EntriesChange, now: number): PlaylistEntry[] {
  switch (change.do) {
    case "add":
      return entries.toSpliced(
        change.position ?? entries.length,
        0,
        ...change.clipIds.map((clipId) => ({ clipId, addedAt: now })),
      );
    case "remove": {
      const gone = indexesOf(entries, change.entries);
      return entries.filter((_, index) => !gone.has(index));
    }
    case "move": {
      const [index] = indexesOf(entries, [change.entry]);
      const moved = index === undefined ? undefined : entries[index];
      return moved && index !== undefined ? entries.toSpliced(index, 1).toSpliced(change.to, 0, moved) : entries;
    }
    case "replace":
      return replaced(entries, change.clipIds, now);
  }
}

/** Where these entries are now; each once. What is no longer there has none. */
function indexesOf(entries: PlaylistEntry[], seen: SeenEntry[]): Set<number> {
  const found = new Set<number>();
  const isFree = (index: number, clipId: string) => entries[index]?.clipId === clipId && !found.has(index);
  const moved = seen.filter(({ position, clipId }) => {
    const isThere = isFree(position, clipId);
    if (isThere) found.add(position);
    return !isThere;
  });
  for (const { position, clipId } of moved) {
    const indexes = [...entries.keys()].filter((index) => isFree(index, clipId));
    const [nearest] = indexes.toSorted((one, other) => Math.abs(one - position) - Math.abs(other - position));
    if (nearest !== undefined) found.add(nearest);
  }
  return found;
}

/** What stays keeps the time at which it was added. */
function replaced(entries: PlaylistEntry[], clipIds: string[], now: number): PlaylistEntry[] {
  const times = Map.groupBy(entries, ({ clipId }) => clipId);
  return clipIds.map((clipId) => times.get(clipId)?.shift() ?? { clipId, addedAt: now });
}
