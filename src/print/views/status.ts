import { safeLine } from "../../lib/text/terminal-safe.ts";
import type { SeenLocation } from "../../query/history/backup-locations.ts";
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
    ...more(status.tracked.failed + status.open.unknown - failed.length, "task"),
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
    ...backupLines(status, now).map((line, at) => labelled(at === 0 ? "backup" : "", line)),
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
  const why = state === "unknown upstream" ? state : (message ?? "failed upstream");
  return `task ${id.slice(0, 8)}${title ? ` "${title}"` : ""} (${why})`;
}

function more(count: number, what: string): string[] {
  return count > 0 ? [`and ${countText(count)} more ${what}${count === 1 ? "" : "s"}`] : [];
}

function nextLine({ tasks, files, tasksDue, filesDue, nextAt }: NextDue, now: number): string {
  if (tasks + files === 0) return "nothing to do";
  const what = [
    ...(tasks > 0 ? [`${countOf(tasks, "task")} to request`] : []),
    ...(files > 0 ? [`${countOf(files, "file")} to fetch`] : []),
  ];
  const watch = tasksDue + filesDue === 0 && nextAt ? `; \`watch\` not before ${timeOf(nextAt, now)}` : "";
  return `${what.join(", ")}: run \`producer-mirror sync\`${watch}`;
}

function runLine({ outcome, startedAt, finishedAt, tasks, assets, error }: LastRun): string {
  const counts = `${countOf(tasks.new, "new task")}, ${countOf(assets.stored, "file")}, ${bytesText(assets.bytes)}`;
  if (!finishedAt) return `began ${startedAt} and has not ended`;
  return `${outcome} ${finishedAt} · ${counts}${error ? ` · ${error.message ?? error.code}` : ""}`;
}

/** One line a location with what was seen there now, then what is in one location only. */
function backupLines({ backups = [], underTwoCopies, clips }: Status, now: number): string[] {
  if (backups.length === 0) return [clips > 0 ? "none yet: run `producer-mirror backup <folder>`" : "none yet"];
  const isSafe = underTwoCopies === 0;
  const only = backups.every(({ seen, sameDisk }) => seen === false || sameDisk);
  const verdict = isSafe
    ? only
      ? ["every song has two copies, on one disk: back up to another one"]
      : []
    : [`${countOf(underTwoCopies, "song")} with fewer than two copies: run \`producer-mirror backup <folder>\``];
  return [...backups.map((backup) => locationLine(backup, now)), ...verdict];
}

/** `/mnt/disk/songs · seen now, made 2026-11-29T10:00Z · all 200 songs` */
function locationLine(backup: SeenLocation, now: number): string {
  const { location, seen, sameDisk, problem, songs, ofSongs } = backup;
  const [made, last] = [timeOf(backup.finishedAt, now), timeOf(backup.lastSeenAt, now)];
  const how =
    seen === true
      ? `seen now, made ${made}${sameDisk ? ", on the same disk as the archive" : ""}`
      : seen === null
        ? `last seen ${last}, when it was made; not looked at now`
        : `not seen since ${last}: ${problem}`;
  const all =
    songs === ofSongs ? `all ${countOf(ofSongs, "song")}` : `${countText(songs)} of ${countOf(ofSongs, "song")}`;
  const [held, left] = [all, backup.outcome === "incomplete" ? ", some files were damaged here" : ""];
  return `${location} · ${how} · ${seen === false ? `held ${held} then` : held}${left}`;
}

function verifyLine({ mode, finishedAt, checked, ok, missing, corrupt }: LastVerify): string {
  const damage = missing + corrupt > 0 ? `, ${countText(missing)} missing, ${countText(corrupt)} corrupt` : "";
  return `${finishedAt} (${mode}) · ${countText(ok)} of ${countOf(checked, "file")} ok${damage}`;
}
