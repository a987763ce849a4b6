import { packageVersion } from "../../lib/package-root.ts";
import { lastCompleteRunAt } from "../../query/history/runs.ts";
import { status } from "../../query/stats/status.ts";
import type { About } from "../workers/about.ts";
import { metricsText, type Metric } from "./metrics-text.ts";

export const METRICS_QUESTIONS = {
  /** What is in the archive and when it was last looked after. No id, name or text of a song is in it. */
  metrics: ({ db, config: { kinds } }: About, _input: object): string => {
    const { tracked, clips, removed, assets, safe, underTwoCopies, vanished, lastRun, lastVerify, lastBackup } = status(
      db,
      { kinds, now: Date.now() },
    );
    const { total: _total, ...states } = tracked;
    const completeAt = lastCompleteRunAt(db);
    const metrics: Metric[] = [
      { name: "info", help: "The version of the program.", values: [[1, { version: packageVersion() }]] },
      { name: "tracked_tasks", help: "Tasks that are asked for, by state.", values: byLabel("state", states) },
      { name: "vanished_tasks", help: "Mirrored tasks that the API no longer knows.", values: [[vanished]] },
      { name: "clips", help: "Songs in the archive, without removed ones.", values: [[clips]] },
      { name: "removed_clips", help: "Songs that a person removed.", values: [[removed]] },
      { name: "safe_clips", help: "Songs whose wanted files are all stored.", values: [[safe]] },
      { name: "clips_under_two_copies", help: "Songs without a second verified copy.", values: [[underTwoCopies]] },
      {
        name: "files",
        help: "Files, by state.",
        values: byLabel("state", {
          wanted: assets.wanted,
          stored: assets.stored,
          failed: assets.failed,
          gone: assets.gone,
        }),
      },
      { name: "stored_bytes", help: "Size of all stored files.", values: [[assets.bytes]] },
      time("last_complete_run", "When the last complete run ended.", completeAt),
      time("last_run", "When the last run ended, however it did.", toTime(lastRun?.finishedAt)),
      time("last_verify", "When files were last verified.", toTime(lastVerify?.finishedAt)),
      time("last_backup", "When the last backup was finished.", toTime(lastBackup?.finishedAt)),
    ];
    return metricsText(metrics);
  },
};

function byLabel(label: string, counts: Record<string, number>): Metric["values"] {
  return Object.entries(counts).map(([value, count]) => [count, { [label]: value }]);
}

/** Seconds since 1970; without a value where it never happened, so that no alert takes 1970 for a time. */
function time(what: string, help: string, at: number | null): Metric {
  return { name: `${what}_timestamp_seconds`, help, values: at === null ? [] : [[at / 1000]] };
}

function toTime(text: string | null | undefined): number | null {
  return text ? Date.parse(text) : null;
}
