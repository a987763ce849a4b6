import { servedFeed } from "../../export/feed/served-feed.ts";
import { checkNames, LIST_WORDS, readPageFilter, type QueryWords } from "../archive-data/query-words.ts";
import type { About } from "../workers/about.ts";

/** `base` is the address of this server, `selfUrl` that of the feed. */
export type FeedInput = { words: QueryWords; base: string; selfUrl: string };

export const FEED_QUESTIONS = {
  feed: ({ db }: About, { words, base, selfUrl }: FeedInput): string => {
    checkNames(
      words,
      LIST_WORDS.filter((name) => name !== "cursor"),
    );
    return servedFeed(db, readPageFilter(words), base, selfUrl);
  },
};
