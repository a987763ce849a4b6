import { openForReading } from "../../../app/archive.ts";
import { storeOf } from "../../../app/archive-files.ts";
import { exportSongs, type ExportReport } from "../../../export/songs/export-songs.ts";
import { DEFAULT_TEMPLATE, parseTemplate, PLACEHOLDERS } from "../../../export/songs/plan/template.ts";
import type { AlbumKind } from "../../../export/songs/plan/albums.ts";
import { ARTIST } from "../../../export/songs/song.ts";
import type { PlanOptions } from "../../../export/songs/plan/plan-files.ts";
import { EXIT, MirrorError, UsageError } from "../../../lib/errors.ts";
import type { CliCommand, Context, Outcome } from "../../command.ts";
import { addExample, addExitCodes } from "../../options/help.ts";
import { interruptedError } from "../../../print/output/interrupted.ts";
import { addSelectionOptions, readListFilter, type ListOptions } from "../../options/list-options.ts";
import { oneOf } from "../../../lib/text/option-words.ts";
import { makeWordOption } from "../../options/option-values.ts";
import { bytesText, countOf, countText } from "../../../print/output/numbers.ts";

type Options = ListOptions & {
  template?: string;
  album?: string;
  tags?: boolean;
  artist?: string;
  genre?: boolean;
  dryRun?: boolean;
};

const ALBUMS: AlbumKind[] = ["month", "family"];

/** A folder of songs by their titles, as people and players read it; again and again, only what differs. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument("<folder>", "where the songs go; what else lies there stays");
    bare.option("--template <path>", `how songs are called (default "${DEFAULT_TEMPLATE}")`);
    bare.addOption(makeWordOption("--album <kind>", "month (default), or family: songs made from one another", ALBUMS));
    bare.option("--tags", "write title, artist, album, track, date, lyric and cover into the copies");
    bare.option("--artist <name>", `with --tags: the artist (default ${ARTIST})`);
    bare.option("--genre", "with --tags: a genre, from the words of the prompt");
    addSelectionOptions(bare);
    bare.option("--assets <folder>", "the folder of the files (PRODUCER_MIRROR_ASSETS, default <home>/assets)");
    bare.option("-n, --dry-run", "list what would be done; writes nothing");
    bare.option("--json", "the counts as one JSON document");
    bare.addHelpText(
      "after",
      `\nA template names folders and the file, with ${PLACEHOLDERS.map((name) => `{${name}}`).join(" ")}.\nThe next run renames, rewrites and removes what it made before; never what anybody else made or changed.`,
    );
    addExitCodes(bare, [0, 2, 3, 4, 7, 8, 9, 130, 143], {
      2: "usage; a folder inside of the archive; no song selected any more",
      3: "some songs could not be exported: each is named",
      7: "the folder cannot be written, or its disk is full; the assets folder is gone",
      8: "another export is at work in the folder",
    });
    return addExample(bare, "producer-mirror export songs ~/Music/producer --tags --since 2026");
  },

  async run(context, [folder = ""], options) {
    const { output, signal } = context;
    const plan = readPlan(options);
    const filter = readListFilter(options, "ndjson");
    const config = context.config();
    using archive = await openForReading(config);
    let state = { files: 0, totalFiles: 0, bytes: 0 };
    using _line = output.progress(
      () => `files ${countText(state.files)}/${countText(state.totalFiles)}  ${bytesText(state.bytes)}`,
    );
    const deps = {
      home: config.home,
      db: archive.db,
      store: storeOf(config, archive),
      mode: 0o666 & ~process.umask(),
      now: Date.now,
      signal,
      onProgress: (progress: typeof state) => (state = progress),
      onRemoval: (paths: string[]) => sayRemoval(context, paths),
    };
    const dryRun = options.dryRun === true;
    const report = await exportSongs(deps, folder, filter, { ...plan, dryRun }).catch((error: unknown) => {
      throw signal.aborted
        ? interruptedError(signal, "interrupted: what was written is whole", "run it again: it goes on from here")
        : error;
    });
    return outcomeOf(context, config.home, report);
  },
};

/** Throws UsageError. */
function readPlan({ template, album, tags, artist, genre }: Options): PlanOptions {
  const alone = artist !== undefined ? "--artist" : genre ? "--genre" : undefined;
  if (alone && !tags) throw new UsageError(`${alone} is for --tags`);
  if (artist?.trim() === "") throw new UsageError("--artist is empty");
  return {
    template: parseTemplate(template ?? DEFAULT_TEMPLATE),
    album: oneOf(ALBUMS, album ?? "month", "--album"),
    ...(tags ? { tags: { artist: artist?.trim() ?? ARTIST, genre: genre === true } } : {}),
  };
}

function sayRemoval({ output }: Context, paths: string[]): void {
  const [first = ""] = paths;
  const more = paths.length > 1 ? ` and ${countText(paths.length - 1)} more` : "";
  output.note(
    `removing ${countOf(paths.length, "file")} of an earlier export that are no longer part of it: ${first}${more}`,
  );
  for (const path of paths.slice(1)) output.detail(`removing ${path}`);
}

function outcomeOf({ output }: Context, home: string, report: ExportReport): Outcome {
  if (report.withoutAudio > 0) output.detail(`${countOf(report.withoutAudio, "clip")} without stored audio`);
  const notes = [
    ...report.left.map(({ path, reason }) => `${path}: ${reason}`),
    ...report.untagged.map(({ path, reason }) => `${path}: without tags (${reason})`),
  ];
  return { document: report, lines: [home, ...reportLines(report)], notes, error: troubleOf(report) };
}

function reportLines({ folder, songs, changes, ...counts }: ExportReport): string[] {
  const parts = (["written", "renamed", "retagged", "removed", "unchanged", "skipped"] as const)
    .filter((name) => counts[name] > 0)
    .map((name) => `${countText(counts[name])} ${name}`);
  const would = changes?.map((one) => `${one.do} ${one.from === undefined ? "" : `${one.from} -> `}${one.path}`) ?? [];
  const verb = changes ? "would be exported to" : "exported to";
  const bytes = counts.bytes > 0 ? `; ${bytesText(counts.bytes)}` : "";
  const files = parts.length > 0 ? `, files: ${parts.join(", ")}` : "";
  return [...would, `${countOf(songs, "song")} ${verb} ${folder}${files}${bytes}`];
}

function troubleOf({ left }: ExportReport): MirrorError | undefined {
  const blocked = left.filter((one) => one.blocked);
  const [first] = blocked;
  if (!first) return undefined;
  const more = blocked.length > 1 ? `, and ${countText(blocked.length - 1)} more` : "";
  return new MirrorError("export_incomplete", EXIT.incomplete, `not exported: ${first.path} (${first.reason})${more}`, {
    hint: "move what is in the way, or run `producer-mirror verify` for what is missing in the archive; then export again",
  });
}
