import type { ShownClip } from "../../../query/explain/show.ts";
import type { ListedSong } from "../../state/song.ts";

export type File = {
  kind: string;
  state: string;
  bytes: number | null;
  sha256: string | null;
  verifiedAt: string | null;
  lastError: string | null;
};

/** A song as its page has it. */
export type Shown = Omit<ShownClip, "files"> & ListedSong & { files: File[] };

export type SavedVersion = {
  version: number;
  kind: string;
  fetchedAt: string | null;
  differences: { path: string; old?: unknown; new?: unknown }[];
};

/** The page of a song has its files; lists have the paths of two of them. */
export function songOf<One extends Omit<ListedSong, "audioPath" | "imagePath">>(
  shown: One & { files: Pick<File, "kind" | "state">[] },
): One & ListedSong {
  const isStored = (kind: string) => shown.files.some((file) => file.kind === kind && file.state === "stored");
  return { ...shown, audioPath: isStored("audio") ? "stored" : null, imagePath: isStored("image") ? "stored" : null };
}
