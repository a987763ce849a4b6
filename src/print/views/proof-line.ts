import type { Status } from "../../query/stats/status.ts";
import type { MissingFile } from "../../query/stats/problems.ts";
import { sumOf } from "../../lib/sum-of.ts";
import { fileNoun, filesText } from "./nouns.ts";
import { bytesText, countOf, countText } from "../output/numbers.ts";

/**
 * The one line of proof: `5,981 songs safe, 15.2 GB · 4 running · 2 failed upstream · 1 cover missing: "Neon" 9f3c1a2b
 * (503, again 14:05Z)`; while files wait: `108 songs here, 108 covers wait · 330 MB`. `missing`: the files to name; `now` in
 * milliseconds, for how a time is written.
 */
export function proofLine(status: Status, missing: MissingFile[], now: number): string {
  const { tracked, assets } = status;
  return [
    ...songParts(status),
    ...openParts(status),
    ...counted(tracked.failed, "failed upstream"),
    ...counted(status.vanished, "no longer known upstream"),
    ...(assets.failed + assets.gone > 0 ? [missingPart(assets.failed + assets.gone, missing, now)] : []),
  ].join(" · ");
}

/** A song whose cover waits is here, and must not be called lost. */
function songParts({ safe, here, waiting, clips, assets }: Status): string[] {
  const size = bytesText(assets.bytes);
  const files = sumOf(waiting);
  if (files > 0) {
    const rest = `${filesText(waiting)} ${files === 1 ? "waits" : "wait"}`;
    return [`${countOf(here, "song")} here, ${rest}`, ...(safe > 0 ? [`${countOf(safe, "song")} safe`] : []), size];
  }
  if (safe === 0 && here > 0) return [`${countOf(here, "song")} here, none with all of its files`, size];
  return clips === 0 && assets.stored === 0 ? ["no songs yet"] : [`${countOf(safe, "song")} safe, ${size}`];
}

/** Tracked ids without a finished record, each in the word that the lists have too. */
function openParts({ open }: Status): string[] {
  const stale = open.stale > 0 ? ` (${countText(open.stale)} stale)` : "";
  return [
    ...counted(open.neverAsked, "never asked"),
    ...counted(open.running, `running${stale}`),
    ...counted(open.notAnswered, "not answered"),
    ...counted(open.unknown, "unknown upstream"),
  ];
}

function counted(count: number, words: string): string[] {
  return count > 0 ? [`${countText(count)} ${words}`] : [];
}

/** `cover of "Neon" 9f3c1a2b (503, again 14:05Z)` */
export function missingLine(file: MissingFile, now: number): string {
  return `${file.kind === "audio" ? "audio" : fileNoun(file.kind)} of ${songOf(file)} (${reasonOf(file, now)})`;
}

/** `14:05Z` on the same day, else to the minute: `2026-11-23T14:05Z`. */
export function timeOf(time: string, now: number): string {
  const today = new Date(now).toISOString().slice(0, 10);
  const short = time.startsWith(today) ? time.slice(11, 16) : time.slice(0, 16);
  return `${short}Z`;
}

function missingPart(count: number, missing: MissingFile[], now: number): string {
  const kinds = new Set(missing.map(({ kind }) => kind));
  const name = kinds.size === 1 && missing.length === count ? fileNoun(missing[0]?.kind ?? "") : "file";
  const named = missing.slice(0, 1).map((file) => `${songOf(file)} (${reasonOf(file, now)})`);
  const more = count > 1 && named.length > 0 ? ["…"] : [];
  return `${countOf(count, name)} missing: ${[...named, ...more].join(", ")}`;
}

function songOf(file: MissingFile): string {
  const id = (file.clipId ?? file.taskId).slice(0, 8);
  return file.title ? `"${file.title}" ${id}` : id;
}

function reasonOf(file: MissingFile, now: number): string {
  const why = file.state === "gone" ? "gone upstream" : String(file.httpStatus ?? file.lastError ?? "failed");
  return file.nextAttemptAt ? `${why}, again ${timeOf(file.nextAttemptAt, now)}` : why;
}
