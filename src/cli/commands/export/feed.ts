import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { openForReading } from "../../../app/archive.ts";
import { UsageError } from "../../../lib/errors.ts";
import { exportFeed, type FeedExport, type FeedOptions } from "../../../export/feed/export-feed.ts";
import { parseBaseUrl } from "../../../export/feed/feed-urls.ts";
import { STATE_NAME } from "../../../export/songs/state.ts";
import type { CliCommand } from "../../command.ts";
import { addExample, addExitCodes } from "../../options/help.ts";
import { addSelectionOptions, readListFilter, type ListOptions } from "../../options/list-options.ts";
import { bytesText, countOf } from "../../../print/output/numbers.ts";

type Options = ListOptions & {
  baseUrl?: string;
  songs?: string;
  feedUrl?: string;
  title?: string;
  author?: string;
  description?: string;
  language?: string;
  image?: string;
  explicit?: boolean;
  force?: boolean;
  dryRun?: boolean;
  assets?: string;
};

const NOTES =
  "\nThe feed names the files of a folder that a web server shows at --base-url: one that `export songs` made (the feed's own folder where it is one, or --songs), else the archive's assets folder. It holds no ids of tasks or accounts, and asks directories of podcasts to leave it out.";

/** A podcast feed of songs. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument("<file>", "the feed, such as feed.xml; replaced when it is one of ours");
    bare.option("--base-url <url>", "where the folder of the songs is on the web");
    bare.option(
      "--songs <folder>",
      "the songs that `export songs` made there (default: the feed's own folder, if it did)",
    );
    addSelectionOptions(bare);
    bare.option("--title <text>", 'of the podcast (default "My songs")');
    bare.option("--author <text>", 'who made them (default "Producer")');
    bare.option("--description <text>", "of the podcast (default: its title)");
    bare.option("--language <code>", "of the songs, such as de or pt-BR (default en)");
    bare.option("--image <url>", "the podcast's picture (default: the newest cover)");
    bare.option("--explicit", "mark it as explicit");
    bare.option("--feed-url <url>", "where the feed itself will be (default: --base-url and the file's name)");
    bare.option("--force", "over a file that is no feed of ours");
    bare.option("--assets <folder>", "the folder of the files (PRODUCER_MIRROR_ASSETS, default <home>/assets)");
    bare.option("-n, --dry-run", "say what would be in it; writes nothing");
    bare.option("--json", "the counts as one JSON document");
    bare.addHelpText("after", NOTES);
    addExitCodes(bare, [0, 2, 4, 7, 9, 130, 143], { 2: "usage or configuration; no archive here; a file in the way" });
    return addExample(bare, "producer-mirror export feed feed.xml --base-url https://me.example/songs/");
  },

  async run(context, [file = ""], options) {
    const { signal } = context;
    const config = context.config();
    const wanted = readOptions(file, options);
    using archive = await openForReading(config);
    const { home, assets } = config;
    const done = await exportFeed({ home, assets, db: archive.db, signal }, file, wanted);
    const notes = done.left > 0 ? [`${countOf(done.left, "song")} left out: ${leftBecause(wanted)}`] : [];
    return { document: done, lines: [home, summary(done, options.dryRun === true)], notes };
  },
};

function readOptions(file: string, options: Options): FeedOptions {
  if (options.baseUrl === undefined)
    throw new UsageError("where will the songs be? --base-url takes an address such as https://me.example/songs/");
  const { title = "My songs", author = "Producer", language = "en" } = options;
  if (!/^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$/i.test(language))
    throw new UsageError(`--language is "${language}"; it takes a code such as en, de or pt-BR`);
  const beside = existsSync(join(dirname(file), STATE_NAME)) ? dirname(file) : null;
  return {
    filter: readListFilter(options, "ndjson"),
    baseUrl: parseBaseUrl(options.baseUrl),
    songs: options.songs ?? beside,
    feedUrl: options.feedUrl === undefined ? null : readUrl(options.feedUrl, "--feed-url"),
    channel: {
      title,
      author,
      language,
      description: options.description ?? title,
      explicit: options.explicit === true,
      imageUrl: options.image === undefined ? null : readUrl(options.image, "--image"),
    },
    force: options.force === true,
    dryRun: options.dryRun === true,
  };
}

function readUrl(text: string, flag: string): string {
  if (URL.canParse(text) && /^https?:\/\//i.test(text)) return new URL(text).href;
  throw new UsageError(`${flag} is "${text}"; it takes an address that begins with https://`);
}

function summary({ file, items, bytes, written }: FeedExport, dryRun: boolean): string {
  const what = `${file}: ${countOf(items, "song")}, ${bytesText(bytes)}`;
  if (!written) return `${what}, as it was`;
  return dryRun ? `would write ${what}` : what;
}

function leftBecause({ songs }: FeedOptions): string {
  return songs === null
    ? "not stored, or a file whose name holds the id of a task (`export songs` gives them names of their own)"
    : "not stored, or not in that folder (run `export songs` again)";
}
