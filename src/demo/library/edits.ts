import { SONGS_2025 } from "./songs-2025.ts";
import { SONGS_2026 } from "./songs-2026.ts";
import type { Song } from "./song.ts";

type Edit = Omit<Song, "lyric" | "prompt" | "from"> & { from: string; lyric?: string; prompt?: string };

/** Some clients send `false` where a number is meant, and the service keeps what was sent. */
const UNSET = { weirdness: false, continue_at: false, lyrics_strength: false };

const EDITS: Edit[] = [
  {
    key: "kettle-cover",
    from: "kettle",
    action: "cover",
    at: "2025-10-05T08:12:40.300Z",
    title: "Up Before the Kettle (Brass Band)",
    model: "FUZZ-1.0",
    prompt: "brass band, village square",
    request: {
      cover_strength: 0.8,
      sound_strength: 0.6,
    },
  },
  {
    key: "bus-extend",
    from: "bus",
    action: "extend",
    at: "2025-10-18T00:15:22.940Z",
    title: "Night Bus Number Nine (Long Way)",
    model: "FUZZ-1.0 Pro",
    request: { continue_at: 2.5 },
  },
  {
    key: "salt-variation",
    from: "salt",
    action: "variation",
    at: "2025-11-03T09:55:10.018Z",
    title: "Salt and Static",
    model: "FUZZ-2.0 Pro",
    clipModel: "FUZZ-2.0",
    request: UNSET,
  },
  {
    key: "sunlight-vocals",
    from: "sunlight",
    swap: "salt",
    action: "swap_vocals",
    at: "2025-12-03T20:01:07.450Z",
    title: "A Line of Light (Swap)",
    model: "FUZZ-2.0 Pro",
  },
  {
    key: "neon-band",
    from: "neon",
    swap: "bus",
    action: "swap_instrumentals",
    at: "2025-12-27T13:37:00.990Z",
    title: "Extend (Sound swap)",
    model: "FUZZ-2.0",
    sound: "night bus keys under the harbour song",
  },
  {
    key: "maps-section",
    from: "maps",
    action: "replace_section",
    at: "2026-01-21T18:20:59.101Z",
    title: "Maps of the Kitchen Floor",
    model: "FUZZ-2.0 Pro",
    request: {
      replace_section_start: 1.2,
      replace_section_end: 2.8,
      lyrics_strength: 0.7,
    },
    lyric:
      "[Verse]\nI know the creaking border and the harbour by the sink\n[Chorus]\nI’ve got maps, I’ve got maps, more than you think",
  },
  {
    key: "kettle-cover-variation",
    from: "kettle-cover",
    action: "variation",
    at: "2026-02-07T07:07:07.707Z",
    title: "Up Before the Kettle (Brass Band, Again)",
    model: "FUZZ-2.0",
    request: { weirdness: 0.9 },
  },
  {
    key: "bicycle-upload-cover",
    from: "upload",
    action: "upload_cover",
    at: "2026-03-29T11:11:45.230Z",
    title: "Hummed on the Way Home (Cover)",
    model: "FUZZ-2.0 Pro",
    prompt: "80s ballad of a hummed memo",
    lyric:
      "[Verse]\nI hummed it to the telephone between the shop and gate\n[Chorus]\nNow it has a saxophone and comes home late",
  },
  {
    key: "lighthouse-cover",
    from: "lighthouse",
    action: "cover",
    at: "2026-04-11T21:30:18.846Z",
    title: "The Lighthouse Keeper’s Radio (Dub)",
    model: "FUZZ-2.0",
    prompt: "dub reggae, space echo",
    request: { cover_strength: 1 },
  },
  {
    key: "gravity-extend",
    from: "gravity",
    action: "extend",
    at: "2026-06-22T19:08:02.007Z",
    title: "Gravity Owes Me a Dance (12-inch)",
    model: "FUZZ-2.0 Pro",
    request: {
      continue_at: 3,
      sound_strength: 0.9,
    },
  },
];

/** Every song that came out well, edits with the words and the prompt of what they were made from. */
export const SONGS: Song[] = [...SONGS_2025, ...SONGS_2026, ...EDITS.map(wholeEdit)];

function wholeEdit(edit: Edit): Song {
  const { lyric, prompt } = sourceOf(edit);
  return { lyric, prompt, ...edit };
}

function sourceOf(edit: Edit): { lyric: string; prompt: string } {
  const sources: { key: string; from?: string; lyric?: string; prompt?: string }[] = [
    ...SONGS_2025,
    ...SONGS_2026,
    ...EDITS,
  ];
  const source = sources.find(({ key }) => key === edit.from);
  if (source?.lyric !== undefined) return { lyric: source.lyric, prompt: source.prompt ?? "" };
  return source === undefined ? { lyric: "", prompt: "" } : sourceOf(source as Edit);
}
