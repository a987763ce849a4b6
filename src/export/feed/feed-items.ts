import type { Database } from "../../db/connection.ts";
import type { FeedItem } from "./feed.ts";
import type { Placed } from "./feed-files.ts";
import { audioType } from "./feed-urls.ts";

/** Where the files of a song are. */
export type FileAddresses = { audio: (placed: Placed) => string; image: (placed: Placed, path: string) => string };

/** Podcast programs show JPEG and PNG alone. */
const SHOWN = /\.(jpe?g|png)$/i;

export function toItem(placed: Placed, addresses: FileAddresses): FeedItem {
  const { song, audio, image } = placed;
  const { key, title, createdAt, durationSeconds, lyric } = song;
  return {
    guid: `producer-mirror:${key}`,
    title,
    publishedAt: createdAt,
    durationSeconds,
    lyric,
    audio: { url: addresses.audio(placed), bytes: audio.bytes, type: audioType(audio.path) },
    imageUrl: image === null || !SHOWN.test(image) ? null : addresses.image(placed, image),
  };
}

/** Of the newest song whose picture is of a type that feeds may have, whatever the order of the feed. */
export function newestImage(items: FeedItem[]): string | null {
  const newest = items.toSorted((one, other) => other.publishedAt - one.publishedAt);
  return newest.find((item) => item.imageUrl !== null)?.imageUrl ?? null;
}

/** A task's id works like a key, so nothing that is called by one is in a feed. */
export function isTaskIn({ $client: client }: Database): (id: string) => boolean {
  const find = client.prepare("select 1 from tasks where id = ?");
  return (id) => find.get(id) !== undefined;
}
