import type { AssetWriter } from "../../archive/assets.ts";
import type { AssetRow } from "../../db/schema.ts";
import type { Emit } from "../events.ts";
import { GONE_AFTER_MS, nextAttemptAt, nextGoneCheckAt } from "../../record/schedule.ts";

/** Fewer first misses than this never count as an outage. */
const FEWEST_FOR_OUTAGE = 3;
/** From so many files on that the host refuses by a fresh URL too, fetching fresh URLs is useless while it refuses most. */
const ENOUGH_TO_STOP_REFETCHING = 20;

type Host = { answers: number; firstMisses: number; refused: number; missed: AssetRow[] };

/**
 * The misses of a run (403, 404, 410), by host. When a host misses over half of the files that never missed before, it has
 * an outage and none of its misses counts. Files that missed in an earlier run say nothing about an outage.
 */
export class Misses {
  readonly #hosts = new Map<string, Host>();
  readonly #goneBy: (moment: number, now: number) => number;

  /** `goneBy`: how long ago a moment certainly was (`db/clock.ts`). */
  constructor(goneBy: (moment: number, now: number) => number = (moment, now) => now - moment) {
    this.#goneBy = goneBy;
  }

  answered(asset: AssetRow): void {
    if (asset.misses === 0) this.#host(asset.url).answers++;
  }

  missed(asset: AssetRow): void {
    const host = this.#host(asset.url);
    host.missed.push(asset);
    if (asset.misses > 0) return;
    host.answers++;
    host.firstMisses++;
  }

  /** The host says that the URL is not valid, and there is no other: no miss. */
  refused(asset: AssetRow): void {
    if (asset.misses > 0) return;
    const host = this.#host(asset.url);
    host.answers++;
    host.refused++;
  }

  /** True while a host refuses most files: a host without any of 10,000 songs must not cost 10,000 requests to the API. */
  seemsDown(asset: AssetRow): boolean {
    const { firstMisses, refused, answers } = this.#host(asset.url);
    return firstMisses + refused >= ENOUGH_TO_STOP_REFETCHING && (firstMisses + refused) * 2 > answers;
  }

  /** Records the misses that count. Returns how many files are gone now, and which hosts had an outage. */
  record(writer: AssetWriter, now: number, emit: Emit): { gone: number; outages: string[] } {
    let gone = 0;
    const outages: string[] = [];
    for (const [name, host] of this.#hosts) {
      const isOutage = host.firstMisses >= FEWEST_FOR_OUTAGE && host.firstMisses * 2 > host.answers;
      if (isOutage) {
        outages.push(name);
        emit({ type: "outage", host: name, misses: host.missed.length });
        leaveGone(writer, host.missed, now);
        continue;
      }
      for (const asset of host.missed) {
        // A first miss that is ahead of the clock was by another clock.
        const firstMissAt = Math.min(asset.firstMissAt ?? now, now);
        const isGone = asset.state === "gone" || (asset.misses >= 1 && this.#goneBy(firstMissAt, now) >= GONE_AFTER_MS);
        const next = isGone ? nextGoneCheckAt(now) : nextAttemptAt(asset.attempts + 1, now);
        writer.markMissed(asset.id, { firstMissAt, misses: asset.misses + 1, gone: isGone, nextAttemptAt: next });
        if (!isGone) continue;
        gone++;
        emit({ type: "assetGone", asset });
      }
    }
    return { gone, outages };
  }

  #host(url: string): Host {
    const name = URL.canParse(url) ? new URL(url).host : "?";
    const host = this.#hosts.get(name) ?? { answers: 0, firstMisses: 0, refused: 0, missed: [] };
    this.#hosts.set(name, host);
    return host;
  }
}

/** Files that were gone before an outage are still gone after it. */
function leaveGone(writer: AssetWriter, missed: AssetRow[], now: number): void {
  for (const { id, state, firstMissAt, misses, attempts } of missed) {
    if (state !== "gone") continue;
    writer.markMissed(id, {
      firstMissAt: firstMissAt ?? now,
      misses,
      gone: true,
      nextAttemptAt: nextAttemptAt(attempts + 1, now),
    });
  }
}
