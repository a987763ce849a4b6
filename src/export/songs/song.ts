/** Who sings, unless a name is given. */
export const ARTIST = "Producer";

/** A stored file of a song, as the archive knows it. */
export type SourceFile = {
  /** Relative to the assets folder, forward slashes. */
  path: string;
  bytes: number;
  /** Lower-case hex. */
  sha256: string;
};

/** A song to export. Its texts hold no ids and no addresses. */
export type Song = {
  clipId: string;
  /** What the state file knows it by: made from the clip's id, and no way back to that. */
  key: string;
  title: string;
  model: string;
  action: string;
  /** Milliseconds UTC: when it was made, as well as that is known. */
  createdAt: number;
  /** Of the file itself where that could be measured. */
  durationSeconds: number | null;
  lyric: string | null;
  prompt: string | null;
  seed: string | null;
  audio: SourceFile;
  image: SourceFile | null;
};

/** A clip of the archive, exported or not: albums and their numbers are made from all of them, so that no filter changes them. */
export type AnyClip = {
  id: string;
  title: string;
  createdAt: number;
  /** The clip that it was made from, whether or not that one is known. */
  parentId: string | null;
};

/** A playlist that a person has made. */
export type OwnPlaylist = {
  /** What the state file knows it by, whatever its name. */
  key: string;
  name: string;
  /** Milliseconds UTC. */
  changedAt: number;
  /** In order; a clip may come twice. */
  clipIds: string[];
};
