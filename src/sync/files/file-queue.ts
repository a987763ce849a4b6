import { dueAssets, type DueAsset, type DueAssets } from "../../archive/due.ts";
import type { Database } from "../../db/connection.ts";
import { ASSET_KINDS } from "../../lib/asset-kinds.ts";

const BATCH = 64;

/**
 * The files that a run fetches, one by one, audio before covers, each once. They are read from the archive in small
 * batches while tasks still bring new ones. `next` waits for more until `close` is called, then resolves to undefined.
 */
export class FileQueue {
  readonly #db: Database;
  readonly #due: DueAssets;
  readonly #cursors = new Map(ASSET_KINDS.map((kind) => [kind, 0]));
  readonly #given = new Set<number>();
  #ready: DueAsset[] = [];
  #closed = false;
  #waiting: (() => void)[] = [];

  constructor(db: Database, due: DueAssets) {
    this.#db = db;
    this.#due = due;
  }

  async next(): Promise<DueAsset | undefined> {
    for (;;) {
      const asset = this.#take();
      if (asset || this.#closed) return asset;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Tells the waiting readers that new rows may be there. */
  wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** No more rows will come. Those that changed behind the cursor are still found. */
  close(): void {
    this.#closed = true;
    for (const kind of this.#cursors.keys()) this.#cursors.set(kind, 0);
    this.wake();
  }

  #take(): DueAsset | undefined {
    if (this.#ready.length === 0) this.#ready = this.#read();
    const asset = this.#ready.shift();
    if (asset) this.#given.add(asset.id);
    return asset;
  }

  #read(): DueAsset[] {
    for (const [kind, cursor] of this.#cursors) {
      if (!this.#due.kinds.includes(kind)) continue;
      for (let after = cursor; ;) {
        const rows = dueAssets(this.#db, this.#due, kind, after, BATCH);
        after = rows.at(-1)?.id ?? after;
        this.#cursors.set(kind, after);
        const fresh = rows.filter((row) => !this.#given.has(row.id));
        if (fresh.length > 0) return fresh;
        if (rows.length < BATCH) break;
      }
    }
    return [];
  }
}
