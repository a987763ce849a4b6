import { ASSET_KINDS, type ByKind } from "../../lib/asset-kinds.ts";
import { sumOf } from "../../lib/sum-of.ts";
import { bytesText, countOf } from "../output/numbers.ts";
import { filesText } from "./nouns.ts";

/** What a run has seen so far. */
export type Fetched = {
  /** Tasks to request, and those that were answered or given up. */
  due: number;
  answered: number;
  /** Files to fetch as planned, and those that the answers named meanwhile. */
  planned: ByKind;
  named: ByKind;
  /** Files that were stored, their bytes, and the files that were given up. */
  stored: ByKind;
  storedBytes: ByKind;
  failed: ByKind;
  /** The mean of the files that were stored before this run. */
  meanBefore: ByKind;
};

/** Files of a kind that must be stored before their mean says anything. */
const FEWEST = 3;
/** Files of all kinds that must be stored before anything is estimated. */
export const FILES_FOR_A_SIZE = 20;

export type Estimate = {
  /** Bytes of all files of this run, and of those still to come; of the kinds whose size is known. */
  bytes: number;
  bytesLeft: number;
  /** Files to come whose kind has no known size yet. */
  unknown: ByKind;
};

/** From each kind's own mean: songs are larger than covers. Tasks that are not answered yet count as the answered ones do. */
export function estimate(seen: Fetched): Estimate {
  const share = seen.answered > 0 ? Math.max(0, seen.due - seen.answered) / seen.answered : 0;
  const sizes: Estimate = { bytes: 0, bytesLeft: 0, unknown: {} };
  for (const kind of ASSET_KINDS) {
    const of = (counts: ByKind) => counts[kind] ?? 0;
    const [stored, bytes] = [of(seen.stored), of(seen.storedBytes)];
    const known = of(seen.planned) + of(seen.named);
    const left = Math.max(0, known + of(seen.named) * share - stored - of(seen.failed));
    const mean = stored >= FEWEST ? bytes / stored : seen.meanBefore[kind];
    sizes.bytes += bytes;
    if (mean === undefined) {
      if (left >= 1) sizes.unknown[kind] = Math.round(left);
      continue;
    }
    sizes.bytes += mean * left;
    sizes.bytesLeft += mean * left;
  }
  return sizes;
}

/** `size after 20 files: about 15 GB`, and what is not known yet. */
export function sizeLine(seen: Fetched): string {
  const { bytes, unknown } = estimate(seen);
  const more = sumOf(unknown) > 0 ? `, and ${filesText(unknown)}` : "";
  return `size after ${countOf(sumOf(seen.stored), "file")}: about ${bytesText(bytes)}${more}`;
}

/** How long the rest takes at this speed, as text; undefined while that is not known. */
export function timeLeft(seen: Fetched, bytesPerSecond: number): string | undefined {
  if (sumOf(seen.stored) < FILES_FOR_A_SIZE || bytesPerSecond <= 0) return undefined;
  const { bytesLeft, unknown } = estimate(seen);
  if (bytesLeft <= 0) return undefined;
  const seconds = bytesLeft / bytesPerSecond;
  const time = seconds < 90 ? `${Math.ceil(seconds)} s left` : `${Math.ceil(seconds / 60)} min left`;
  return sumOf(unknown) > 0 ? `${time}, then ${filesText(unknown)}` : time;
}
