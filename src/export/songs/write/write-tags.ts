import {
  ByteVector,
  File,
  Id3v2FrameIdentifiers,
  Id3v2UserTextInformationFrame,
  Mpeg4BoxType,
  Picture,
  PictureType,
  StringType,
  TagTypes,
  type Id3v2FrameIdentifier,
  type Id3v2Tag,
  type Mpeg4AppleTag,
} from "node-taglib-sharp";
import type { Tags } from "../plan/planned-file.ts";

export type CoverBytes = { bytes: Buffer; type: "image/jpeg" | "image/png" };

const TYPES: Record<string, string> = { m4a: "audio/mp4", mp3: "audio/mpeg", wav: "audio/wav" };
/** Names of free-form items in MP4 have an owner. */
const OWNER = "com.apple.iTunes";

/**
 * Writes tags into a file that is ours to change, in place of all that it had; the audio itself is not touched. The only
 * file that knows the tag library. The same input gives the same bytes. Throws what the library says of a file that it
 * cannot read.
 */
export function writeTags(path: string, ending: string, tags: Tags, cover: CoverBytes | null): void {
  const file = File.createFromPath(path, TYPES[ending]);
  try {
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
    file.save();
  } finally {
    file.dispose();
  }
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
