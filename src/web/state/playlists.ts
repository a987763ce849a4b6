import { signal } from "@preact/signals";
import type { PlaylistListing, ShownPlaylist } from "../../query/playlists/playlists.ts";
import { ask, change } from "./api.ts";
import { count, titleOf, type ListedSong } from "./song.ts";
import { toast } from "./toasts.ts";

/** All playlists by their names; undefined until they are read. */
export const playlists = signal<PlaylistListing[] | undefined>(undefined);
/** The playlist that is looked at. */
export const shownPlaylist = signal<ShownPlaylist | undefined>(undefined);

export async function readPlaylists(): Promise<void> {
  const { items } = await ask<{ items: PlaylistListing[] }>("/api/playlists");
  playlists.value = items;
}

const pathOf = (id: string) => `/api/playlists/${encodeURIComponent(id)}`;

/** Makes a playlist of these songs. Returns it; undefined where the service refused, which a toast says. */
export async function createPlaylist(name: string, clips: ListedSong[] = []): Promise<ShownPlaylist | undefined> {
  return attempt("not made", async () => {
    const made = await change<ShownPlaylist>("POST", "/api/playlists", { name, clips: clips.map(({ id }) => id) });
    await readPlaylists();
    if (clips.length > 0) toast(`${what(clips)} added to ${name}`, () => void removePlaylist(made, true));
    return made;
  });
}

/** Adds songs at the end. */
export async function addToPlaylist({ id, name }: PlaylistListing, clips: ListedSong[]): Promise<void> {
  await attempt("not added", async () => {
    const after = await change<ShownPlaylist>("POST", `${pathOf(id)}/clips`, { clips: clips.map((clip) => clip.id) });
    const first = after.clips.length - clips.length;
    seen(after);
    toast(
      `${what(clips)} added to ${name}`,
      () =>
        void removeEntries(
          id,
          clips.map((clip, at) => ({ position: first + at, id: clip.id })),
        ),
    );
  });
}

async function removeEntries(playlist: string, entries: { position: number; id: string }[]): Promise<void> {
  await attempt("not taken back", async () => {
    for (const { position, id } of entries.toReversed())
      seen(
        await change<ShownPlaylist>("DELETE", `${pathOf(playlist)}/clips/${position}?clip=${encodeURIComponent(id)}`),
      );
  });
}

/** Takes one entry off; it can be put back where it was. */
export async function removeEntry({ id, clips }: ShownPlaylist, index: number): Promise<void> {
  const entry = clips[index];
  if (!entry) return;
  showEntries(clips.toSpliced(index, 1));
  await attempt("not removed", async () => {
    await removeEntries(id, [{ position: entry.position, id: entry.id }]);
    toast(`${titleOf(entry)} is off the list`, () => void putBack(id, entry.id, entry.position));
  });
}

async function putBack(id: string, clip: string, position: number): Promise<void> {
  await attempt("not put back", async () =>
    seen(await change<ShownPlaylist>("POST", `${pathOf(id)}/clips`, { clips: [clip], position })),
  );
}

/** Moves an entry; shown at once, and taken back if the service does not agree. */
export async function moveEntry({ id, clips }: ShownPlaylist, from: number, to: number): Promise<void> {
  const [entry, target] = [clips[from], clips[to]];
  if (!entry || !target || from === to) return;
  showEntries(clips.toSpliced(from, 1).toSpliced(to, 0, entry));
  const body = { clip: entry.id, to: target.position };
  const after = await attempt("not moved", () =>
    change<ShownPlaylist>("PUT", `${pathOf(id)}/clips/${entry.position}`, body),
  );
  if (after) seen(after);
  else showEntries(clips);
}

export async function renamePlaylist({ id }: ShownPlaylist, name: string): Promise<boolean> {
  const after = await attempt("not renamed", () => change<ShownPlaylist>("PUT", pathOf(id), { name }));
  if (after) seen(after);
  return after !== undefined;
}

/** Ends a playlist, which touches no song. It can be made again as it was. */
export async function removePlaylist(playlist: PlaylistListing, isUndo = false): Promise<void> {
  await attempt("not removed", async () => {
    const whole = await ask<ShownPlaylist>(pathOf(playlist.id));
    await change("DELETE", pathOf(playlist.id));
    await readPlaylists();
    const again = { name: whole.name, comment: whole.comment, clips: whole.clips.map(({ id }) => id) };
    const undo = () => void attempt("not made", () => change("POST", "/api/playlists", again).then(readPlaylists));
    toast(`${playlist.name} is removed; its songs stay`, isUndo ? undefined : undo);
  });
}

/** What the service answered is what is shown, here and in the side. */
function seen(after: ShownPlaylist): void {
  if (shownPlaylist.value?.id === after.id) shownPlaylist.value = after;
  const { clips: _clips, ...listing } = after;
  playlists.value = playlists.value?.map((one) => (one.id === after.id ? listing : one));
}

/** Each entry has the position that it is shown at until the service has answered. */
function showEntries(clips: ShownPlaylist["clips"]): void {
  const shown = shownPlaylist.value;
  if (shown) shownPlaylist.value = { ...shown, clips: clips.map((clip, position) => ({ ...clip, position })) };
}

async function attempt<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    toast(`${what}: ${(error as Error).message}`);
    return undefined;
  }
}

function what(clips: ListedSong[]): string {
  return clips.length === 1 ? titleOf(clips[0]!) : count(clips.length, "song");
}
