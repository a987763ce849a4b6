import { lstat, open, readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import type { Database } from "../../db/connection.ts";
import type { Filter } from "../../query/filter/filter.ts";
import { makeFolder } from "../../lib/files/durable-files.ts";
import { fileInTheWay, resolveOutside } from "../folder.ts";
import { readSelection } from "../songs/read-songs.ts";
import { replaceFile } from "../out-file.ts";
import { feedText, GENERATOR, type Channel } from "./feed.ts";
import { inAssets, inSongsFolder } from "./feed-files.ts";
import { isTaskIn, newestImage, toItem } from "./feed-items.ts";
import { urlOf } from "./feed-urls.ts";
import { exists } from "../../lib/files/entry.ts";

export type FeedDeps = { home: string; assets: string; db: Database; signal: AbortSignal };

export type FeedOptions = {
  /** Its limit is of the feed: songs that cannot be in it do not count. */
  filter: Filter;
  /** Of the folder that is served, ended by `/`. */
  baseUrl: string;
  /** A folder that `export songs` made; null: the archive's assets folder is what is served. */
  songs: string | null;
  /** Where the feed will be; null: beside the songs, under the file's own name. */
  feedUrl: string | null;
  channel: Pick<Channel, "title" | "description" | "author" | "language" | "explicit"> & { imageUrl: string | null };
  /** Over a file that is no feed of ours. */
  force: boolean;
  dryRun: boolean;
};

export type FeedExport = {
  /** Absolute. */
  file: string;
  items: number;
  /** Selected clips that are not in it: no stored audio, or no file where the feed points that may be named. */
  left: number;
  bytes: number;
  /** False when the file had these bytes already. */
  written: boolean;
};

const HEAD_BYTES = 4096;

/**
 * Writes a podcast feed of songs, whole or not at all; a file that is the same already is not touched. Makes nothing in a
 * dry run. Throws UsageError (a path in the archive, a file in the way, no exported songs there), DiskError, the signal's reason.
 */
export async function exportFeed(deps: FeedDeps, path: string, options: FeedOptions): Promise<FeedExport> {
  const {
    filter: { limit, ...filter },
    baseUrl,
    songs,
    feedUrl,
    channel,
    force,
    dryRun,
  } = options;
  const file = await resolveOutside(path, deps);
  const before = await readOwn(file, force);
  const { songs: selected, withoutAudio, archiveKey } = readSelection(deps.db, filter);
  const { placed, left } =
    songs === null ? inAssets(selected, isTaskIn(deps.db)) : await inSongsFolder(selected, songs, archiveKey);
  const items = placed.slice(0, limit || undefined).map((one) =>
    toItem(one, {
      audio: ({ audio }) => urlOf(baseUrl, audio.path),
      image: (_placed, image) => urlOf(baseUrl, image),
    }),
  );
  const imageUrl = channel.imageUrl ?? newestImage(items);
  const selfUrl = feedUrl ?? urlOf(baseUrl, basename(file));
  const text = feedText({ ...channel, link: baseUrl, selfUrl, imageUrl }, items);
  const written = before !== text;
  deps.signal.throwIfAborted();
  if (written && !dryRun) {
    await makeFolder(dirname(file));
    await replaceFile(file, text, 0o666);
  }
  return { file, items: items.length, left: left.length + withoutAudio, bytes: Buffer.byteLength(text), written };
}

/** The text of a feed that is there already, null when nothing is there. Throws UsageError for what is none of ours. */
async function readOwn(file: string, force: boolean): Promise<string | null> {
  if (!(await exists(file))) return null;
  try {
    if ((await lstat(file)).isFile()) {
      await using handle = await open(file);
      const head = Buffer.alloc(HEAD_BYTES);
      const { bytesRead } = await handle.read(head, 0, HEAD_BYTES, 0);
      if (head.toString("utf8", 0, bytesRead).includes(GENERATOR)) return await readFile(file, "utf8");
      if (force) return null;
    }
  } catch (error) {
    throw toDiskError(error, file);
  }
  const why = "is there already, and is no feed that this program has written";
  throw fileInTheWay(file, why, "name another file, or replace a file with --force");
}
