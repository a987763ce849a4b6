import type { Id3v2CommentsFrame } from "node-taglib-sharp";
import {
  ByteVector,
  File,
  Id3v2FrameIdentifiers,
  Id3v2UserTextInformationFrame,
  Mpeg4BoxType,
  Picture,
  PictureType,
  StringType,
  type Tag,
  TagTypes,
  type Id3v2FrameIdentifier,
  type Id3v2Tag,
  type Mpeg4AppleTag,
} from "node-taglib-sharp";
import { statSync } from "node:fs";
import { addTagRoom } from "../sound/add-tag-room.ts";
import { moveFragments } from "../sound/move-offsets.ts";
import type { Tags } from "../plan/planned-file.ts";

export type CoverBytes = { bytes: Buffer; type: "image/jpeg" | "image/png" };

const TYPES: Record<string, string> = { m4a: "audio/mp4", mp3: "audio/mpeg", wav: "audio/wav" };
/** Names of free-form items in MP4 have an owner. */
const OWNER = "com.apple.iTunes";
/** Which samples at both ends are not to be heard: a part of the sound, though it lies among the tags. */
const GAPLESS = "iTunSMPB";

/**
 * Writes tags into a file that is ours to change, in place of all that it had but the gapless note; the audio itself is
 * not touched, and `compareSound` says whether it is still found. The only file that knows the tag library. The same input gives the same bytes. Throws an error that says, for people, that
 * and how the library could not, and the error of a disk as it is.
 */
export function writeTags(path: string, ending: string, tags: Tags, cover: CoverBytes | null): void {
  try {
    if (ending === "m4a") addTagRoom(path);
    writeWithLibrary(path, ending, tags, cover);
  } catch (error) {
    const { errno, message } = error as NodeJS.ErrnoException;
    if (typeof errno === "number") throw error;
    // Where it meets what it did not expect, it stumbles over its own code.
    const why = error instanceof TypeError || error instanceof RangeError ? "" : `: ${message}`;
    throw new Error(`the tag library cannot write into a file that is built so${why}`, { cause: error });
  }
}

function writeWithLibrary(path: string, ending: string, tags: Tags, cover: CoverBytes | null): void {
  const before = statSync(path).size;
  const file = File.createFromPath(path, TYPES[ending]);
  try {
    const gapless = readGapless(file);
    file.removeTags(TagTypes.AllTags);
    if (ending === "m4a") writeApple(file.getTag(TagTypes.Apple, true) as Mpeg4AppleTag, tags);
    else writeId3(file.getTag(TagTypes.Id3v2, true) as Id3v2Tag, tags);
    const tag = file.getTag(ending === "m4a" ? TagTypes.Apple : TagTypes.Id3v2, true);
    tag.title = tags.title;
    tag.performers = [tags.artist];
    tag.albumArtists = [tags.artist];
    tag.album = tags.album;
    if (tags.genre !== null) tag.genres = [tags.genre];
    if (tags.lyric !== null) tag.lyrics = tags.lyric;
    if (cover !== null) {
      const data = ByteVector.fromByteArray(cover.bytes);
      tag.pictures = [Picture.fromFullData(data, PictureType.FrontCover, cover.type, "")];
    }
    gapless(tag);
    file.save();
  } finally {
    file.dispose();
  }
  if (ending === "m4a") moveFragments(path, statSync(path).size - before);
}

/** Returns what writes the gapless notes of a file into its new tag. */
function readGapless(file: File): (tag: Tag) => void {
  const apple = file.getTag(TagTypes.Apple, false) as Mpeg4AppleTag | undefined;
  const notes = apple?.getItunesStrings(OWNER, GAPLESS) ?? [];
  const id3 = file.getTag(TagTypes.Id3v2, false) as Id3v2Tag | undefined;
  const comments = (id3?.frames ?? []).filter((frame) => (frame as Id3v2CommentsFrame).description === GAPLESS);
  return (tag) => {
    if (notes.length > 0) (tag as Mpeg4AppleTag).setItunesStrings(OWNER, GAPLESS, ...notes);
    for (const comment of comments) (tag as Id3v2Tag).addFrame(comment);
  };
}

function writeApple(tag: Mpeg4AppleTag, { track, date, more }: Tags): void {
  tag.track = track;
  tag.setQuickTimeString(Mpeg4BoxType.DAY, date);
  for (const [name, value] of Object.entries(more)) tag.setItunesStrings(OWNER, name, value);
}

/** Version 2.4: the only one with whole dates and UTF-8. */
function writeId3(tag: Id3v2Tag, { track, date, more }: Tags): void {
  tag.version = 4;
  tag.setTextFrame(Id3v2FrameIdentifiers.TRCK as Id3v2FrameIdentifier, String(track));
  tag.setTextFrame(Id3v2FrameIdentifiers.TDRC as Id3v2FrameIdentifier, date);
  for (const [name, value] of Object.entries(more)) {
    const frame = Id3v2UserTextInformationFrame.fromDescription(name, StringType.UTF8);
    frame.text = [value];
    tag.addFrame(frame);
  }
}
