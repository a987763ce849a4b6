import type { RunnerEvent } from "../../app/runner/runner-types.ts";
import { isoTime } from "../../lib/time/dates.ts";

/** An event as pages and scripts read it: its name, and data that has the name and the time too. */
export type ServerEvent = { event: string; at: string } & Record<string, unknown>;

type Progress = Extract<RunnerEvent, { type: "progress" }>["event"];

/** What `/api/events` shows of what the runner does; undefined for what is only for logs. */
export function toServerEvent(event: RunnerEvent, now: number): ServerEvent | undefined {
  const at = isoTime(now) ?? "";
  switch (event.type) {
    case "began":
      return { event: event.job === "verify" ? "verify.began" : "run.began", at, by: event.job };
    case "happened":
      return event.happening;
    case "failed":
      return event.job === "verify" ? { event: "verify.failed", at, error: event.problem } : undefined;
    case "verified": {
      const { mode, checked, ok, missing, corrupt, extra } = event.report;
      const counts = { checked, ok, missing: missing.length, corrupt: corrupt.length, extra: extra.length };
      return { event: "verify.complete", at, mode, ...counts };
    }
    case "ran":
      return event.job === "question" ? { event: "question.complete", at, outcome: event.report.outcome } : undefined;
    case "progress": {
      const shown = progressOf(event.event);
      return shown && { ...shown, at, by: event.job };
    }
    default:
      return undefined;
  }
}

function progressOf(event: Progress): ({ event: string } & Record<string, unknown>) | undefined {
  switch (event.type) {
    case "planned": {
      const { tracked, due, requests, wanted } = event;
      return { event: "run.planned", tracked, due, requests, wanted };
    }
    case "saved": {
      const tasks = event.saved.flatMap(({ taskId, change, state }) =>
        change === "unchanged" ? [] : [{ id: taskId, change, state }],
      );
      return { event: "run.saved", records: event.saved.length, tasks };
    }
    case "stored": {
      const { kind, clipId, taskId } = event.asset;
      return { event: "run.stored", kind, clipId, taskId, bytes: event.bytes };
    }
    case "assetFailed": {
      const { kind, clipId, taskId } = event.asset;
      return { event: "run.assetFailed", kind, clipId, taskId, message: event.message };
    }
    case "taskFailed":
      return { event: "run.taskFailed", ids: event.ids, message: event.message };
    case "stopped":
      return { event: "run.stopped", message: event.message };
    default:
      return undefined;
  }
}
