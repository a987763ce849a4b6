import type { SyncEvent } from "../../sync/events.ts";
import { bytesText, countOf, countText } from "../output/numbers.ts";

type Planned = Extract<SyncEvent, { type: "planned" }>;

/** Files that must be stored before the total size is estimated. */
export const FILES_FOR_A_SIZE = 20;

/** `/home/me/mirror · 6,000 tracked · 120 requests, about 2 min · 210 GB free`, and how much of it is requested. */
export function planLine(event: Planned): string {
  const { home, tracked, due, wanted, requests, ratePerSecond, freeBytes } = event;
  const seconds = ratePerSecond > 0 ? requests / ratePerSecond : 0;
  const time = seconds > 90 ? `, about ${Math.ceil(seconds / 60)} min` : "";
  const parts = [
    home,
    `${countText(tracked)} tracked`,
    due === tracked || due === 0 ? "" : `${countText(due)} to request`,
    due === 0 ? "" : `${countOf(requests, "request")}${time}`,
    wanted > 0 ? `${countOf(wanted, "file")} to fetch` : "",
    freeBytes === null ? "" : `${bytesText(freeBytes)} free`,
  ];
  return parts.filter(Boolean).join(" · ");
}

export type Fetched = { due: number; answered: number; wanted: number; stored: number; storedBytes: number };

/** `size after 20 files: about 15 GB`: what the files of this run will take, including songs that are not requested yet. */
export function sizeLine({ due, answered, wanted, stored, storedBytes }: Fetched): string {
  const share = answered > 0 ? Math.max(1, due / answered) : 1;
  return `size after ${countOf(stored, "file")}: about ${bytesText((storedBytes / stored) * wanted * share)}`;
}
