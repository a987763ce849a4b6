import type { AssetKind } from "../../lib/asset-kinds.ts";

/** Types whose structure is checked from the first byte to the last. */
export type WalkedType = "mp4" | "mp3" | "wav" | "jpg" | "png" | "webp" | "avif" | "heic" | "zip";
/** Types that are known by their first bytes alone: only a digest of the server proves such a file. */
export type UnwalkedType = "flac" | "ogg" | "aac" | "gif" | "webm";
export type FileType = WalkedType | UnwalkedType;

/**
 * The types that each kind accepts, and the ending of their files. Endings are unique over all kinds, so that two files of
 * one clip never have the same name: audio that turns out to be WAV would collide with the file of the `wav` kind.
 */
export const ENDINGS: { readonly [Kind in AssetKind]: { readonly [Type in FileType]?: string } } = {
  audio: { mp4: "m4a", mp3: "mp3", wav: "audio.wav", flac: "flac", ogg: "ogg", aac: "aac" },
  wav: { wav: "wav" },
  stems: { zip: "zip" },
  image: { jpg: "jpg", png: "png", webp: "webp", avif: "avif", heic: "heic", gif: "gif" },
  video: { mp4: "mp4", webm: "webm" },
};

/** Every ending that a stored file may have. */
export function allEndings(): string[] {
  return Object.values(ENDINGS).flatMap((endings) => Object.values(endings));
}

/** The usual types of a kind, for a sentence. */
const USUAL: { readonly [Kind in AssetKind]: string } = {
  audio: "an MP4, MP3 or WAV",
  wav: "a WAV",
  stems: "a ZIP",
  image: "a JPEG, PNG or WebP",
  video: "an MP4",
};

/** What a kind is expected to be: `an MP4, MP3 or WAV`. */
export function expectedWords(kind: AssetKind): string {
  return USUAL[kind];
}
