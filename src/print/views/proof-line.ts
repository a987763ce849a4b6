import type { Status } from "../../query/stats/status.ts";
import type { MissingFile } from "../../query/stats/problems.ts";
import { bytesText, countOf, countText } from "../output/numbers.ts";

/** How a person calls a file of each kind. */
const NAMES: Record<string, string> = { image: "cover", wav: "wav file", stems: "stems file" };

/**
 * The one line of proof: `5,981 songs safe, 15.2 GB · 4 running · 2 failed upstream · 1 cover missing: "Neon" 9f3c1a2b
 * (503, again 14:05Z)`. `missing`: the files to name; `now` in milliseconds, for how a time is written.
 */
export function proofLine(status: Status, missing: MissingFile[], now: number): string {
  const { tracked, assets } = status;
  const parts = [`${countOf(status.safe, "song")} safe, ${bytesText(assets.bytes)}`];
  if (tracked.pending > 0)
    parts.push(
      `${countText(tracked.pending)} running${tracked.stale > 0 ? ` (${countText(tracked.stale)} stale)` : ""}`,
    );
  if (tracked.failed > 0) parts.push(`${countText(tracked.failed)} failed upstream`);
  if (tracked.missing > 0) parts.push(`${countText(tracked.missing)} unknown upstream`);
  if (status.vanished > 0) parts.push(`${countText(status.vanished)} no longer known upstream`);
  if (assets.wanted > 0) parts.push(`${countOf(assets.wanted, "file")} still to fetch`);
  if (assets.failed + assets.gone > 0) parts.push(missingPart(assets.failed + assets.gone, missing, now));
  return parts.join(" · ");
}

/** `cover of "Neon" 9f3c1a2b (503, again 14:05Z)` */
export function missingLine(file: MissingFile, now: number): string {
  return `${nameOf(file.kind)} of ${songOf(file)} (${reasonOf(file, now)})`;
}

/** `14:05Z` on the same day, else to the minute: `2026-11-23T14:05Z`. */
export function timeOf(time: string, now: number): string {
  const today = new Date(now).toISOString().slice(0, 10);
  const short = time.startsWith(today) ? time.slice(11, 16) : time.slice(0, 16);
  return `${short}Z`;
}

function missingPart(count: number, missing: MissingFile[], now: number): string {
  const kinds = new Set(missing.map(({ kind }) => kind));
  const name = kinds.size === 1 && missing.length === count ? nameOf(missing[0]?.kind ?? "") : "file";
  const named = missing.slice(0, 1).map((file) => `${songOf(file)} (${reasonOf(file, now)})`);
  const more = count > 1 && named.length > 0 ? ["…"] : [];
  return `${countOf(count, name)} missing: ${[...named, ...more].join(", ")}`;
}

function nameOf(kind: string): string {
  return NAMES[kind] ?? kind;
}

function songOf(file: MissingFile): string {
  const id = (file.clipId ?? file.taskId).slice(0, 8);
  return file.title ? `"${file.title}" ${id}` : id;
}

function reasonOf(file: MissingFile, now: number): string {
  const why = file.state === "gone" ? "gone upstream" : String(file.httpStatus ?? file.lastError ?? "failed");
  return file.nextAttemptAt ? `${why}, again ${timeOf(file.nextAttemptAt, now)}` : why;
}
