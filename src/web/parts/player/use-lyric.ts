import { useEffect, useState } from "preact/hooks";
import { ask } from "../../state/api.ts";
import type { ListedSong } from "../../state/song.ts";

/** The words of a song; undefined until they are known. A queue that outlived a reload has none: they are read for the one song. */
export function useLyric(clip: ListedSong | undefined): string | null | undefined {
  const [read, setRead] = useState<{ id: string; lyric: string | null }>();
  const id = clip?.id;
  const known = clip?.lyric ?? undefined;
  useEffect(() => {
    if (!id || known !== undefined) return undefined;
    const stop = new AbortController();
    ask<{ lyric: string | null }>(`/api/clips/${id}`, {}, stop.signal).then(
      ({ lyric }) => setRead({ id, lyric }),
      () => {},
    );
    return () => stop.abort();
  }, [id, known]);
  return known ?? (read?.id === id ? read?.lyric : undefined);
}
