import type { AssetKind } from "../../../src/lib/asset-kinds.ts";
import { clipMarks, clipTags, playlistClips, playlists } from "../../../src/db/schema.ts";
import { CREATED, makeLibrary, type Library } from "../library.ts";

export const MODELS = ["FUZZ-1.0", "FUZZ-2.0", "FUZZ-2.0 Pro"];
export const ACTIONS = ["generate", "cover", "extend"];
export const STATES = ["pending", "succeeded", "failed"];
export const SEEDS = ["7", "-7", "18446744073709551615"];
export const WORDS = ["rain", "sun", "月", "café"];
const TITLES = [null, "", "rain", "Rain", "sun in rain", "Ünder", "zz", "明月", "🎵 sun", "\u{ff5e}"];

/** A clip as the test made it, which is what a naive filter goes by. */
export type Made = {
  id: string;
  taskId: string;
  title: string | null;
  model: string | null;
  action: string | null;
  state: string;
  durationSeconds: number | null;
  createdAt: number | null;
  seed: string | null;
  lyric: string | null;
  removed: boolean;
  instrumental: boolean | null;
  parents: string[];
  stored: AssetKind[];
  tags: string[];
  starred: boolean;
  rating: number;
  plays: number;
  lastPlayedAt: number | null;
  isInPlaylist: boolean;
  /** The order of arrival. */
  key: number;
};

/** Clips with every mixture of values, of nothing in their place, and of ties; each of a task of its own. */
export function makeFilterWorld(count: number): { library: Library; made: Made[] } {
  const library = makeLibrary();
  library.db.insert(playlists).values({ id: "p", name: "Night", createdAt: CREATED, changedAt: CREATED }).run();
  const made: Made[] = [];
  const pick = <T>(from: readonly T[], n: number): T => from[n % from.length]!;
  for (let n = 0; n < count; n++) {
    const at = (prime: number) => Math.floor((n * prime) / 7) + n * n;
    const clip: Made = {
      id: `${"abcdef"[n % 6]}${String(n).padStart(3, "0")}`,
      taskId: `task-${n}`,
      title: pick(TITLES, at(3)),
      model: pick([...MODELS, null], at(5)),
      action: pick([...ACTIONS, null], at(11)),
      state: pick(STATES, at(13)),
      durationSeconds: pick([null, 0, 59.5, 60, 120, 240], at(17)),
      createdAt: pick([null, CREATED, CREATED + 1, CREATED - 86_400_000, CREATED + 5000], at(19)),
      seed: pick([...SEEDS, null], at(23)),
      lyric: pick([null, "rain", "sun\nsun", "a CAFÉ in the rain", "海上明月"], at(29)),
      removed: n % 11 === 5,
      instrumental: pick([true, false, null], at(31)),
      parents: n > 3 && n % 3 !== 0 ? [made[at(37) % n]?.id ?? "", ...(n % 4 === 1 ? ["elsewhere"] : [])] : [],
      stored:
        n % 5 === 0 ? [] : pick<AssetKind[]>([["audio"], ["audio", "image"], ["image"], ["audio", "video"]], at(41)),
      tags: pick([[], ["calm"], ["Calm", "loud"], ["夜"], []], at(43)),
      starred: n % 4 === 1,
      rating: pick([0, 0, 3, 5, 0, 1], at(47)),
      plays: pick([0, 0, 1, 7], at(53)),
      lastPlayedAt: null,
      isInPlaylist: n % 5 === 2,
      key: n,
    };
    if (clip.plays > 0) clip.lastPlayedAt = CREATED + (n % 3);
    made.push(clip);
    add(library, clip, n);
  }
  return { library, made };
}

function add(library: Library, clip: Made, n: number): void {
  const { instrumental, parents, stored, removed, tags, key: _key, starred, rating, plays, ...rest } = clip;
  const { lastPlayedAt, isInPlaylist, ...row } = rest;
  const [referenceAudioId = null, swapAudioId = null] = parents;
  library.task(clip.taskId, { instrumental, referenceAudioId, swapAudioId });
  library.clip(clip.id, { ...row, removedAt: removed ? CREATED : null });
  if (tags.length > 0)
    library.db
      .insert(clipTags)
      .values(tags.map((tag) => ({ clipId: clip.id, tag, addedAt: CREATED })))
      .run();
  if (starred || rating > 0 || plays > 0)
    library.db
      .insert(clipMarks)
      .values({ clipId: clip.id, starredAt: starred ? CREATED : null, rating, plays, lastPlayedAt })
      .run();
  // Twice in the playlist, it is still one clip.
  for (const position of isInPlaylist ? [2 * n, 2 * n + 1] : [])
    library.db.insert(playlistClips).values({ playlistId: "p", position, clipId: clip.id, addedAt: CREATED }).run();
  for (const kind of stored) library.file(clip.id, { kind, taskId: clip.taskId });
  if (n % 2 === 0 && !stored.includes("wav"))
    library.file(clip.id, { kind: "wav", taskId: clip.taskId, state: "failed" });
}
