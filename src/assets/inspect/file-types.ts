import type { AssetKind } from "../../lib/asset-kinds.ts";

export const FILE_TYPES = ["mp4", "mp3", "wav", "jpg", "png", "webp", "zip"] as const;
export type FileType = (typeof FILE_TYPES)[number];

/**
 * The types that each kind accepts, and the ending of their files. Endings are unique over all kinds, so that two files of
 * one clip never have the same name: audio that turns out to be WAV would collide with the file of the `wav` kind.
 */
export const ENDINGS: { readonly [Kind in AssetKind]: { readonly [Type in FileType]?: string } } = {
  audio: { mp4: "m4a", mp3: "mp3", wav: "audio.wav" },
  wav: { wav: "wav" },
  stems: { zip: "zip" },
  image: { jpg: "jpg", png: "png", webp: "webp" },
  video: { mp4: "mp4" },
};

const WORDS: { readonly [Type in FileType]: string } = {
  mp4: "an MP4",
  mp3: "MP3",
  wav: "WAV",
  jpg: "a JPEG",
  png: "PNG",
  webp: "WebP",
  zip: "a ZIP",
};

/** The types that a kind accepts, for a sentence: `an MP4, MP3 or WAV`. */
export function expectedWords(kind: AssetKind): string {
  const words = (Object.keys(ENDINGS[kind]) as FileType[]).map((type) => WORDS[type]);
  return words.length === 1
    ? words[0]!.replace(/^(WAV)$/, "a $1")
    : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
