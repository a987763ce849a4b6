import type { SavedRecord } from "../archive/records.ts";
import type { AssetRow } from "../db/schema.ts";

/** Everything that a run tells while it works: printers, logs and tests read this one stream. Times in milliseconds. */
export type SyncEvent =
  | {
      type: "planned";
      home: string;
      /** Ids in all; `due` of them are asked for now. */
      tracked: number;
      due: number;
      requests: number;
      ratePerSecond: number;
      wanted: number;
      freeBytes: number | null;
    }
  | { type: "imported"; file: string; added: number; repeated: number; useless: number }
  | { type: "saved"; saved: SavedRecord[] }
  | { type: "unknownWords"; taskId: string; words: string[] }
  | { type: "unasked"; count: number }
  | { type: "notSeen"; ids: string[] }
  | { type: "taskFailed"; ids: string[]; message: string }
  | { type: "retry"; message: string; waitMs: number }
  | { type: "bytes"; count: number }
  | { type: "stored"; asset: AssetRow; bytes: number; adopted: boolean }
  /** Stored files that are not there any more, or have another size: they are fetched again. */
  | { type: "lost"; count: number }
  /** What upstream has in place of a lost file is not what was stored before; it lies at `path`, the loss stays. */
  | { type: "differs"; asset: AssetRow; path: string }
  | { type: "assetFailed"; asset: AssetRow; message: string; nextAttemptAt: number | null }
  | { type: "assetGone"; asset: AssetRow }
  | { type: "outage"; host: string; misses: number }
  | { type: "stopped"; message: string; hint: string | undefined };

export type Emit = (event: SyncEvent) => void;
