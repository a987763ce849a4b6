import type { SyncEvent } from "../../sync/events.ts";
import { sumOf } from "../../lib/sum-of.ts";
import { bytesText, countOf, countText } from "../output/numbers.ts";

type Planned = Extract<SyncEvent, { type: "planned" }>;

/** `/home/me/mirror · 6,000 tracked · 120 requests, about 2 min · 210 GB free`, and how much of it is requested. */
export function planLine(event: Planned): string {
  const { home, tracked, due, wanted, requests, ratePerSecond, freeBytes } = event;
  const files = sumOf(wanted);
  const seconds = ratePerSecond > 0 ? requests / ratePerSecond : 0;
  const time = seconds > 90 ? `, about ${Math.ceil(seconds / 60)} min` : "";
  const parts = [
    home,
    `${countText(tracked)} tracked`,
    due === tracked || due === 0 ? "" : `${countText(due)} to request`,
    due === 0 ? "" : `${countOf(requests, "request")}${time}`,
    files > 0 ? `${countOf(files, "file")} to fetch` : "",
    freeBytes === null ? "" : `${bytesText(freeBytes)} free`,
  ];
  return parts.filter(Boolean).join(" · ");
}
