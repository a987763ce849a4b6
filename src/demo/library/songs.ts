import songs from "./songs.json" with { type: "json" };

/** One song of the demo account that was made successfully. */
export type DemoSong = {
  key: string;
  /** When it was requested, ISO 8601 to the millisecond. */
  at: string;
  title: string;
  model: string;
  prompt: string;
  lyric: string;
  sound?: string;
  /** Default: `generate`. */
  action?: string;
  /** Key of the song that this one was made from. */
  from?: string;
  /** Key of the song whose vocals or instrumentals were used. */
  swap?: string;
  /** More fields of the request. Some clients send `false` where a number is meant, and the service stores that. */
  request?: Record<string, unknown>;
  /** The model that was used, if it is not the one that was requested. */
  clipModel?: string;
  /** The stored response has `success: true`, which most do not have. */
  saysSuccess?: boolean;
};

/** As songs.json has it: the lyric in lines. An edit without a lyric or prompt has the one of the song it is made from. */
type SongData = Omit<DemoSong, "lyric" | "prompt"> & { lyric?: string[]; prompt?: string };

const DATA: SongData[] = songs;

/** All songs, edits last. Words and titles are our own (CC0). */
export const SONGS: DemoSong[] = DATA.map(completeSong);

function completeSong({ lyric, ...song }: SongData): DemoSong {
  const source = DATA.find(({ key }) => key === song.from);
  const inherited = source === undefined ? { lyric: "", prompt: "" } : completeSong(source);
  return { prompt: inherited.prompt, ...song, lyric: lyric?.join("\n") ?? inherited.lyric };
}
