import { signal } from "@preact/signals";
import { ask } from "./api.ts";
import type { Status } from "../../query/stats/status.ts";

/** How many songs the views in the side have; undefined until they are read. */
export const counts = signal<{ all?: number; starred?: number; unheard?: number }>({});
/** When the last run ended, and how. */
export const lastRun = signal<Status["lastRun"]>(null);

const SOON_MS = 700;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Counts again soon: several reasons at once are one question. */
export function countSoon(): void {
  clearTimeout(timer);
  timer = setTimeout(() => void readCounts().catch(() => {}), SOON_MS);
}

export async function readCounts(): Promise<void> {
  const of = (words: Record<string, boolean>) =>
    ask<{ total: number | null }>("/api/clips", { ...words, limit: 1 }).then(({ total }) => total ?? undefined);
  const [all, starred, unheard, runs] = await Promise.all([
    of({}),
    of({ starred: true }),
    of({ heard: false }),
    ask<{ items: Status["lastRun"][] }>("/api/runs", { limit: 1 }),
  ]);
  counts.value = {
    ...(all !== undefined && { all }),
    ...(starred !== undefined && { starred }),
    ...(unheard !== undefined && { unheard }),
  };
  lastRun.value = runs.items[0] ?? null;
}
