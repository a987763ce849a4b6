import { hasCurrentRows, openForReading, type Reader } from "../../app/archive.ts";
import { lookAtBackups } from "../../backup/look-at-backups.ts";
import type { AssetKind } from "../../lib/asset-kinds.ts";
import { EXIT, MirrorError } from "../../lib/errors.ts";
import { isoTime } from "../../lib/time/dates.ts";
import { parseDuration } from "../../lib/time/durations.ts";
import { lastCompleteRunAt } from "../../query/history/runs.ts";
import { status, type Status } from "../../query/stats/status.ts";
import { failedTasks, missingFiles, nextDue } from "../../query/stats/problems.ts";
import type { CliCommand } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import { statusReport } from "../../print/views/status.ts";

type Options = { json?: boolean; maxAge?: string };

/** A clock that is set right by a time server goes back a little. */
const CLOCKS_DIFFER_MS = 5 * 60_000;
/** At most this many missing files and failed tasks are named. */
const NAMED = 5;

/** What is here, what is missing, what comes next. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.option("--json", "the counts as one JSON document");
    bare.option("--max-age <time>", "exit with 3 if the last complete run is older, such as 2d or 36h");
    addExitCodes(bare, [0, 2, 3, 4, 7, 9], { 3: "the last complete run is older than --max-age" });
    return addExample(bare, "producer-mirror status --max-age 2d");
  },

  async run({ config }, _args, options) {
    const maxAge = options.maxAge === undefined ? undefined : parseDuration(options.maxAge, "--max-age") * 1000;
    const { kinds, ...settings } = config();
    const now = Date.now();
    using archive = await openForReading({ kinds, ...settings });
    const late = maxAge === undefined ? undefined : tooOld(lastCompleteRunAt(archive.db), maxAge, now);
    const locations = await lookAtBackups({ db: archive.db, home: archive.home, assets: archive.assetsRoot, now });
    const counts = status(archive.db, { kinds, now, locations });
    const notes = hasCurrentRows(archive)
      ? []
      : ["the rows were made by other rules than this version's: the next sync makes them again"];
    return { document: counts, lines: report(archive, counts, kinds, now), notes, error: late };
  },
};

function report({ db, home }: Reader, counts: Status, kinds: AssetKind[], now: number): string[] {
  return statusReport({
    home,
    now,
    status: counts,
    missing: missingFiles(db, kinds, NAMED),
    failed: failedTasks(db, NAMED),
    next: nextDue(db, kinds, now),
  });
}

function tooOld(last: number | null, maxAge: number, now: number): MirrorError | undefined {
  // A time in the future means that the clock was or is wrong: it does not tell how long ago the run was.
  if (last !== null && last <= now + CLOCKS_DIFFER_MS && now - last <= maxAge) return undefined;
  const ahead = last !== null && last > now ? ", which is in the future: the clock was changed" : "";
  const message =
    last === null ? "no run has been complete yet" : `the last complete run ended at ${isoTime(last)}${ahead}`;
  return new MirrorError("run_too_old", EXIT.incomplete, message, { hint: "run `producer-mirror sync`" });
}
