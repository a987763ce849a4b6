import { openForReading, openVerifyNotes, storeOf } from "../app.ts";
import type { Config } from "../config.ts";
import { EXIT } from "../lib/errors.ts";
import { verify } from "../keep/verify.ts";
import type { VerifyReport } from "../keep/verify-report.ts";
import type { CliCommand, Context } from "./command.ts";
import { example, exitCodes } from "./help.ts";
import { interrupted } from "./interrupted.ts";
import { bytesText, countText } from "./numbers.ts";
import { verifyLines, verifyTrouble } from "./verify-summary.ts";

type Options = { full?: boolean; assets?: string; dryRun?: boolean; json?: boolean };

/** The files against the archive, and the database against itself. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.option("--full", "read every byte and compare its sha256");
    bare.option("--assets <folder>", "the folder of the files (PRODUCER_MIRROR_ASSETS, default <home>/assets)");
    bare.option("-n, --dry-run", "check and report, write nothing down (lost files are not marked for the next sync)");
    bare.option("--json", "the counts and every file that is not right as one JSON document");
    exitCodes(bare, [0, 2, 4, 7, 9, 130, 143], {
      0: "every file is there (--full: and right); extra files are no damage",
      4: "files are missing or damaged, or the database is",
      7: "the assets folder is gone or another archive's, or files could not be read",
    });
    return example(bare, "producer-mirror verify --full");
  },

  async run(context, _args, options) {
    const { output, signal } = context;
    const config = context.config();
    const report = await watched(context, config, options);
    const trouble = report.interrupted
      ? interrupted(
          signal,
          `interrupted after ${countText(report.checked)} files`,
          "verify again: it starts from the first file",
        )
      : verifyTrouble(report);
    const { interrupted: _interrupted, ...fields } = report;
    const json = options.dryRun ? { dryRun: true, ...fields } : fields;
    if (options.json && trouble) await output.error(trouble, json);
    else if (options.json) await output.json(json);
    else for (const line of [config.home, ...verifyLines(report)]) output.data(line);
    await output.written();
    if (report.mode === "quick") output.talk("quick: sizes only, the data was not read; --full reads it");
    if (report.notWritten !== null) output.talk(`what was found could not be written down: ${report.notWritten}`);
    if (trouble && !options.json) await output.error(trouble);
    return trouble?.exit ?? EXIT.ok;
  },
};

async function watched({ output, signal }: Context, config: Config, { full, dryRun }: Options): Promise<VerifyReport> {
  using archive = openForReading(config);
  using notes = dryRun ? undefined : openVerifyNotes(config);
  const state = { checked: 0, total: 0, bytes: 0 };
  using _line = output.progress(
    () => `checked ${countText(state.checked)}/${countText(state.total)} files  ${bytesText(state.bytes)}`,
  );
  const deps = { db: archive.db, store: storeOf(config, archive), notes, now: Date.now, signal };
  return await verify({ ...deps, onProgress: (progress) => Object.assign(state, progress) }, full === true);
}
