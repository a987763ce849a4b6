import { openForChecking } from "../../../app/archive.ts";
import { openVerifyResults, storeOf } from "../../../app/archive-files.ts";
import { openRun, renewIfFree } from "../../open-run.ts";
import { readEnvironment, type Config } from "../../../config.ts";
import { openDecoder, type Decode } from "../../../verify/decode.ts";
import { verify } from "../../../verify/verify.ts";
import type { VerifyMode, VerifyOptions } from "../../../verify/plan.ts";
import type { VerifyReport } from "../../../verify/report.ts";
import { UsageError } from "../../../lib/errors.ts";
import { parseDuration } from "../../../lib/time/durations.ts";
import type { CliCommand, Context } from "../../command.ts";
import { addExample, addExitCodes } from "../../options/help.ts";
import { interruptedError } from "../../../print/output/interrupted.ts";
import { bytesText, countText } from "../../../print/output/numbers.ts";
import { openRepair } from "./repair.ts";
import { verifyLines, verifyTrouble } from "../../../print/views/verify.ts";

type Options = {
  full?: boolean;
  subset?: string;
  decode?: boolean;
  repair?: boolean;
  from?: string;
  maxDuration?: string;
  restart?: boolean;
  dryRun?: boolean;
  json?: boolean;
};

/** Checks the files and the database; with `--repair` replaces what is missing or damaged. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.option("--full", "read every byte and compare its sha256");
    bare.option("--subset <n%>", "read only this share of the files, those checked longest ago first");
    bare.option(
      "--decode",
      "also decode every file to its end with ffmpeg; finds files that were damaged before they were stored",
    );
    bare.option("--repair", "replace missing and damaged files: from the folder itself, from --from, or from upstream");
    bare.option("--from <location>", "with --repair: a folder, restic:<repository> or rclone:<remote>:<path>");
    bare.option("--max-duration <time>", "start no file after this long, such as 30m; the next verify continues there");
    bare.option("--restart", "start with the first file even if an earlier --full or --decode was stopped");
    bare.option("--assets <folder>", "the folder of the files (PRODUCER_MIRROR_ASSETS, default <home>/assets)");
    bare.option("-n, --dry-run", "check and report; save no findings, repair nothing");
    bare.option("--json", "the counts, and every file that is not as stored, as one JSON document");
    addExitCodes(bare, [0, 2, 3, 4, 7, 8, 9, 130, 143], {
      0: "every file is there (with --full: and undamaged); extra files are no damage",
      2: "usage; --decode without ffmpeg",
      3: "not every file was checked: the time was up (--max-duration)",
      4: "files are missing or damaged, or the database is damaged",
      7: "the assets folder is missing or belongs to another archive, or files could not be read",
      8: "--repair while another run holds the archive",
    });
    return addExample(bare, "producer-mirror verify --full --repair --from /mnt/disk/songs");
  },

  async run(context, _args, options) {
    // Its own --from is a backup, not the files that a run reads.
    const config = context.config({ from: [] });
    const report = await (options.repair ? verifyAndRepair : verifyOnly)(
      context,
      config,
      options,
      readOptions(options),
    );
    const error = report.interrupted
      ? interruptedError(context.signal, `interrupted after ${countText(report.checked)} files`, againHint(report.mode))
      : verifyTrouble(report);
    const { interrupted: _interrupted, ...document } = report;
    return { document, lines: [config.home, ...verifyLines(report, options)], notes: notesOn(report), error };
  },
};

function notesOn({ mode, resumedFrom, notWritten, rowsNotCompared }: VerifyReport): string[] {
  return [
    ...(mode === "quick" ? ["quick: only sizes were checked, no data was read; --full reads it"] : []),
    ...(resumedFrom ? [`continued the verify of ${resumedFrom}; --restart starts over`] : []),
    ...(rowsNotCompared
      ? [
          "the rows were not compared with the journal: other rules than this version's made them; the next sync makes them again",
        ]
      : []),
    ...(notWritten === null ? [] : [`the findings could not be saved: ${notWritten}`]),
  ];
}

function againHint(mode: VerifyMode): string {
  return mode === "quick" ? "run verify again: it starts with the first file" : "run verify again: it continues here";
}

function readOptions({ full, subset, decode, repair, from, maxDuration, restart }: Options): VerifyOptions {
  if (from !== undefined && !repair) throw new UsageError("--from is for --repair");
  const mode = decode ? "decode" : full || subset !== undefined ? "full" : "quick";
  const options: VerifyOptions = { mode, restart: restart === true };
  if (subset !== undefined) options.subsetPercent = readPercent(subset);
  if (maxDuration !== undefined) options.maxDurationMs = parseDuration(maxDuration, "--max-duration") * 1000;
  return options;
}

function readPercent(text: string): number {
  const percent = Number(/^(\d+(?:\.\d+)?)%?$/.exec(text.trim())?.[1] ?? Number.NaN);
  if (percent > 0 && percent <= 100) return percent;
  throw new UsageError(`--subset is "${text}"; it takes a percentage such as 5%, more than 0 and at most 100`);
}

async function verifyOnly(context: Context, config: Config, { dryRun }: Options, options: VerifyOptions) {
  if (options.mode !== "quick" && !dryRun) await renewIfFree(context, config, "verify");
  using archive = await openForChecking(config);
  using results = dryRun ? undefined : openVerifyResults(config);
  const decode = await decoder(context, options);
  const { db, home } = archive;
  const deps = { db, home, store: storeOf(config, archive), results, decode, now: Date.now, signal: context.signal };
  return await withProgress(context, (onProgress) => verify({ ...deps, onProgress }, options));
}

/** Holds the archive's lock, except in a dry run. */
async function verifyAndRepair(context: Context, config: Config, flags: Options, options: VerifyOptions) {
  const decode = await decoder(context, options);
  const { dryRun = false, from } = flags;
  if (dryRun) {
    using archive = await openForChecking(config);
    const store = storeOf(config, archive);
    await using repair = await openRepair(context, config, { db: archive.db, store }, { from, decode, dryRun });
    const deps = { db: archive.db, home: config.home, store, results: undefined, decode, repair: repair.files };
    return await withProgress(context, (onProgress) =>
      verify({ ...deps, now: Date.now, signal: context.signal, onProgress }, options),
    );
  }
  await using archive = await openRun(context, config, "verify --repair", { asItIs: true });
  await using repair = await openRepair(context, config, archive, { from, decode, dryRun });
  const deps = { db: archive.db, home: config.home, store: archive.store, results: repair.results, decode };
  return await withProgress(context, (onProgress) =>
    verify({ ...deps, repair: repair.files, now: Date.now, signal: context.signal, onProgress }, options),
  );
}

async function decoder({ signal }: Context, { mode }: VerifyOptions): Promise<Decode | undefined> {
  return mode === "decode" ? openDecoder(readEnvironment().env["PATH"], signal) : undefined;
}

type Progress = { checked: number; total: number; bytes: number; totalBytes: number };

async function withProgress(
  { output }: Context,
  work: (onProgress: (progress: Progress) => void) => Promise<VerifyReport>,
): Promise<VerifyReport> {
  let state: Progress = { checked: 0, total: 0, bytes: 0, totalBytes: 0 };
  using _line = output.progress(() => {
    const bytes = state.bytes > 0 ? `  ${bytesText(state.bytes)} of ${bytesText(state.totalBytes)}` : "";
    return `checked ${countText(state.checked)}/${countText(state.total)} files${bytes}`;
  });
  return await work((progress) => (state = progress));
}
