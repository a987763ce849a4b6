import { safeLine } from "../../lib/text/terminal-safe.ts";
import type { LastRun, LastVerify } from "../../query/history/runs.ts";
import type { Status } from "../../query/stats/status.ts";
import type { FailedTask, MissingFile, NextDue } from "../../query/stats/problems.ts";
import { bytesText, countOf, countText } from "../output/numbers.ts";
import { missingLine, proofLine, timeOf } from "./proof-line.ts";

export type StatusFacts = {
  home: string;
  now: number;
  status: Status;
  /** The first of what is missing and failed; the counts are in `status`. */
  missing: MissingFile[];
  failed: FailedTask[];
  next: NextDue;
};

/** The report for a person, line by line: the archive, the line of proof, then here, missing, next and last. */
export function statusReport({ home, now, status, missing, failed, next }: StatusFacts): string[] {
  const lacking = [
    ...missing.map((file) => missingLine(file, now)),
    ...more(status.assets.failed + status.assets.gone - missing.length, "file"),
    ...failed.map(failedLine),
    ...more(status.tracked.failed + status.tracked.missing - failed.length, "task"),
  ];
  const lines = [
    home,
    proofLine(status, missing, now),
    "",
    labelled("here", hereLine(status)),
    ...lacking.map((line, at) => labelled(at === 0 ? "missing" : "", line)),
    ...whyLine(missing, failed),
    labelled("next", nextLine(next, now)),
    labelled("last run", status.lastRun ? runLine(status.lastRun) : "none yet: run `producer-mirror sync`"),
    labelled("backup", backupLine(status)),
    labelled("verified", status.lastVerify ? verifyLine(status.lastVerify) : "never: run `producer-mirror verify`"),
  ];
  return lines.map(safeLine);
}

function labelled(label: string, text: string): string {
  return `${label.padEnd(9)}${text}`;
}

function hereLine({ tracked, tasks, clips, removed, assets }: Status): string {
  const counts = [
    countOf(tracked.total, "tracked id"),
    countOf(tasks, "task"),
    countOf(clips, "clip"),
    countOf(assets.stored, "file"),
    ...(removed > 0 ? [`${countText(removed)} removed`] : []),
  ];
  return `${counts.join(" · ")} · ${bytesText(assets.bytes)}`;
}

function whyLine([file]: MissingFile[], [task]: FailedTask[]): string[] {
  const id = file?.clipId ?? file?.taskId ?? task?.id;
  return id === undefined ? [] : [labelled("", `\`producer-mirror why ${id.slice(0, 8)}\` says why`)];
}

function failedLine({ id, state, title, message }: FailedTask): string {
  const why = state === "missing" ? "unknown upstream" : (message ?? "failed upstream");
  return `task ${id.slice(0, 8)}${title ? ` "${title}"` : ""} (${why})`;
}

function more(count: number, what: string): string[] {
  return count > 0 ? [`and ${countText(count)} more ${what}${count === 1 ? "" : "s"}`] : [];
}

function nextLine({ tasksDue, filesDue, nextAt }: NextDue, now: number): string {
  if (tasksDue + filesDue > 0)
    return `${countOf(tasksDue, "task")} to request, ${countOf(filesDue, "file")} to fetch: run \`producer-mirror sync\``;
  return nextAt ? `nothing before ${timeOf(nextAt, now)}` : "nothing to do";
}

function runLine({ outcome, startedAt, finishedAt, tasks, assets, error }: LastRun): string {
  const counts = `${countOf(tasks.new, "new task")}, ${countOf(assets.stored, "file")}, ${bytesText(assets.bytes)}`;
  if (!finishedAt) return `began ${startedAt} and has not ended`;
  return `${outcome} ${finishedAt} · ${counts}${error ? ` · ${error.message ?? error.code}` : ""}`;
}

function backupLine({ lastBackup, underTwoCopies, clips }: Status): string {
  if (!lastBackup) return clips > 0 ? "none yet: run `producer-mirror backup <folder>`" : "none yet";
  const under =
    underTwoCopies > 0
      ? `${countOf(underTwoCopies, "song")} with fewer than two copies`
      : "every song has two copies or more";
  return `${lastBackup.finishedAt} ${lastBackup.location} · ${under}`;
}

function verifyLine({ mode, finishedAt, checked, ok, missing, corrupt }: LastVerify): string {
  const damage = missing + corrupt > 0 ? `, ${countText(missing)} missing, ${countText(corrupt)} corrupt` : "";
  return `${finishedAt} (${mode}) · ${countText(ok)} of ${countOf(checked, "file")} ok${damage}`;
}
