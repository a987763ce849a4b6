import { useState } from "preact/hooks";
import { coverUrl, type ListedSong } from "../state/song.ts";
import { TileCover } from "./tile-cover.tsx";

/** A cover in its place, with a tint until it is there; tiles made from the id where there is none. */
export function Cover({ clip, pixels, class: name = "" }: { clip: ListedSong; pixels: 96 | 300; class?: string }) {
  const [failed, setFailed] = useState("");
  const hasPicture = clip.imagePath !== null && failed !== clip.id;
  return (
    <span class={`cover ${name}`}>
      {hasPicture ? (
        <img
          class="cv"
          src={coverUrl(clip.id, pixels)}
          alt=""
          loading="lazy"
          decoding="async"
          onError={() => setFailed(clip.id)}
        />
      ) : (
        <TileCover id={clip.id} />
      )}
    </span>
  );
}
