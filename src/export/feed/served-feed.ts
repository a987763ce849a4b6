import type { Database } from "../../db/connection.ts";
import type { Filter } from "../../query/filter/filter.ts";
import { readSelection } from "../songs/read-songs.ts";
import { feedText } from "./feed.ts";
import { inAssets } from "./feed-files.ts";
import { isTaskIn, newestImage, toItem } from "./feed-items.ts";

/** The feed of songs that a server of ours shows at `base`, which has no slash at its end. The filter's limit is of the feed. */
export function servedFeed(db: Database, { limit, ...filter }: Filter, base: string, selfUrl: string): string {
  const { placed } = inAssets(readSelection(db, filter).songs, isTaskIn(db));
  const address = (id: string, kind: string) => `${base}/media/${encodeURIComponent(id)}/${kind}`;
  const items = placed.slice(0, limit || undefined).map((one) =>
    toItem(one, {
      audio: ({ song }) => address(song.clipId, "audio"),
      image: ({ song }) => address(song.clipId, "image"),
    }),
  );
  const title = "My songs";
  const channel = { title, description: title, author: "Producer", language: "en", explicit: false };
  return feedText({ ...channel, link: `${base}/`, selfUrl, imageUrl: newestImage(items) }, items);
}
