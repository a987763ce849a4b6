import crypto from "node:crypto";
import type { SourceFile } from "../song.ts";

/** What is written into a song. */
export type Tags = {
  title: string;
  artist: string;
  album: string;
  track: number;
  /** `2025-12-30` */
  date: string;
  genre: string | null;
  lyric: string | null;
  cover: SourceFile | null;
  /** Under names of their own. */
  more: Record<string, string>;
};

export type FileKind = "audio" | "cover" | "lyric" | "playlist";

/** One file that should lie in the folder. */
export type PlannedFile = {
  /** From the export's folder, forward slashes. */
  path: string;
  kind: FileKind;
  /** Whose it is; with `kind` the same from run to run, whatever it is called. */
  owner: string;
  /** Milliseconds UTC that the file is dated. */
  modifiedAt: number;
  content: { copyOf: SourceFile } | { copyOf: SourceFile; tags: Tags } | { text: string };
  /** Equal when what would be written is equal. */
  print: string;
};

/** A copy of a file as it is stored. */
export function copyFile(
  path: string,
  kind: FileKind,
  owner: string,
  modifiedAt: number,
  copyOf: SourceFile,
): PlannedFile {
  return {
    path: `${path}.${extensionOf(copyOf)}`,
    kind,
    owner,
    modifiedAt,
    content: { copyOf },
    print: printOf(copyOf.sha256, modifiedAt),
  };
}

/** A file of our own text. */
export function textFile(path: string, kind: FileKind, owner: string, modifiedAt: number, text: string): PlannedFile {
  return { path, kind, owner, modifiedAt, content: { text }, print: printOf(digest(text), modifiedAt) };
}

/** Of a file's content, by a digest of what it is made from, and its date. */
export function printOf(digestOfContent: string, modifiedAt: number): string {
  return `${digestOfContent} ${modifiedAt}`;
}

/** The last ending of a stored file, without its dot. */
export function extensionOf({ path }: Pick<SourceFile, "path">): string {
  return /\.([a-z0-9]{1,5})$/.exec(path)?.[1] ?? "bin";
}

/** Lower-case hex of the sha256 of a text. */
export function digest(text: string): string {
  return crypto.hash("sha256", text);
}
