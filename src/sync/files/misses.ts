import type { AssetWriter } from "../../archive/assets.ts";
import type { AssetRow } from "../../db/schema.ts";
import type { Emit } from "../events.ts";
import { GONE_AFTER_MS, nextAttemptAt, nextGoneCheckAt } from "../../record/schedule.ts";

/** Fewer first misses than this are never taken for an outage. */
const FEWEST = 3;
/** From so many on it is no use to ask the API for the URLs of a host that seems to have an outage. */
const ENOUGH = 20;

type Host = { answers: number; firstMisses: number; missed: AssetRow[] };

/**
 * The misses of a run, by host. A host that has none of what it is asked for the first time is having an outage: then
 * no miss of it counts. Files that missed before say nothing about that.
 */
export class Misses {
  readonly #hosts = new Map<string, Host>();

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

  /** True while most of what a host is asked for is not there: a bucket of 10,000 songs must not cost as many questions. */
  seemsDown(asset: AssetRow): boolean {
    const host = this.#host(asset.url);
    return host.firstMisses >= ENOUGH && host.firstMisses * 2 > host.answers;
  }

  /** Writes down what counts. Returns how many files are gone now, and which hosts had an outage. */
  record(writer: AssetWriter, now: number, emit: Emit): { gone: number; outages: string[] } {
    let gone = 0;
    const outages: string[] = [];
    for (const [name, host] of this.#hosts) {
      const outage = host.firstMisses >= FEWEST && host.firstMisses * 2 > host.answers;
      if (outage) {
        outages.push(name);
        emit({ type: "outage", host: name, misses: host.missed.length });
        leaveGone(writer, host.missed, now);
        continue;
      }
      for (const asset of host.missed) {
        const firstMissAt = asset.firstMissAt ?? now;
        const isGone = asset.misses >= 1 && now - firstMissAt >= GONE_AFTER_MS;
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
    const host = this.#hosts.get(name) ?? { answers: 0, firstMisses: 0, missed: [] };
    this.#hosts.set(name, host);
    return host;
  }
}

/** What was gone before an outage is as gone after it. */
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
