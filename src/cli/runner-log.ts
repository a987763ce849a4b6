import type { Happening } from "../app/runner/happenings.ts";
import type { EmitRunner, RunnerEvent } from "../app/runner/runner-types.ts";
import { runError } from "../app/run-sync.ts";
import type { Output } from "../print/output/output.ts";
import { errorFields } from "../print/output/error-text.ts";
import { proofLine } from "../print/views/proof-line.ts";
import { showProgress } from "../print/views/sync-progress.ts";
import { runJson } from "../sync/run-json.ts";

type LogOptions = {
  json: boolean;
  /** Where runs and events go; notes always go to stderr. */
  to: "stdout" | "stderr";
};

/** Writes what a runner does: lines for a person, or one JSON document a line. */
export function createRunnerLog(output: Output, { json, to }: LogOptions): { emit: EmitRunner } & Disposable {
  const out = json ? withJsonNotes(output) : output;
  const print = to === "stdout" ? output.print : output.note;
  const printJson = (value: object) => {
    // The sink remembers a failure, and the end of the command reports it.
    if (to === "stdout") output.jsonLine(value).catch(() => {});
    else output.note(JSON.stringify(value));
  };
  let progress: ReturnType<typeof showProgress> | undefined;
  const endProgress = () => {
    progress?.[Symbol.dispose]();
    progress = undefined;
  };
  const emit: EmitRunner = (event) => {
    if (event.type === "began" && (event.job === "tick" || event.job === "sync"))
      progress = showProgress(out, Date.now);
    if (event.type === "progress" && event.job !== "question") progress?.emit(event.event);
    if (event.type === "ran" || event.type === "failed") endProgress();
    if (event.type === "note") out.note(event.message);
    else if (json) printDocument(event, printJson);
    else for (const line of linesOf(event)) print(line);
  };
  return { emit, [Symbol.dispose]: endProgress };
}

/** Each run of the schedule has a document, also one that was stopped. */
function printDocument(event: RunnerEvent, print: (value: object) => void): void {
  if (event.type === "happened") print(event.happening);
  if (event.type !== "ran" || event.job === "question" || event.report.outcome !== "interrupted") return;
  const error = runError(event.report);
  print({ ...runJson(event.report), ...(error && { error: errorFields(error) }) });
}

function linesOf(event: RunnerEvent): string[] {
  if (event.type === "ran" && (event.job !== "question" || hasNews(event))) return [ranLine(event)];
  if (event.type === "failed") return [`${timeText(event.at)} ${event.problem.message}`];
  if (event.type === "verified") {
    const { checked, missing, corrupt } = event.report;
    return [`${timeText(event.at)} verified ${checked} files: ${missing.length} missing, ${corrupt.length} damaged`];
  }
  return event.type === "happened" ? happeningLines(event.happening) : [];
}

/** A question that found nothing new is no line, or there would be one every few seconds. */
function hasNews({ report }: RunnerEvent & { type: "ran" }): boolean {
  const { tasksNew = 0, tasksUpdated = 0, assetsStored = 0 } = report.counts;
  return tasksNew + tasksUpdated + assetsStored > 0 || report.outcome === "failed";
}

function ranLine({ report, status, missing }: RunnerEvent & { type: "ran" }): string {
  const { outcome, counts, finishedAt } = report;
  const error = runError(report);
  const added = `${counts.tasksNew ?? 0} new, ${counts.assetsStored ?? 0} files`;
  const proof = proofLine(status, missing, finishedAt);
  return `${timeText(finishedAt)} ${outcome}: ${added} · ${proof}${error ? ` · ${error.message}` : ""}`;
}

/** Runs have lines of their own. */
function happeningLines({ event, at, clip, asset }: Happening): string[] {
  const song = clip as { id: string; title: string | null } | undefined;
  if (song) return [`${at} ${event}: ${song.title ? `"${song.title}" ` : ""}${song.id.slice(0, 8)}`];
  const file = asset as { kind: string; clipId?: string; taskId?: string } | undefined;
  return file ? [`${at} ${event}: ${file.kind} of ${(file.clipId ?? file.taskId ?? "").slice(0, 8)}`] : [];
}

function timeText(at: number): string {
  return new Date(at).toISOString();
}

function withJsonNotes(output: Output): Output {
  const line = (message: string) => JSON.stringify({ event: "note", at: timeText(Date.now()), message });
  return {
    ...output,
    note: (message) => output.note(line(message)),
    detail: (message) => output.detail(line(message)),
    progress: () => ({ [Symbol.dispose]: () => {} }),
  };
}
