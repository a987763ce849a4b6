import type { SavedRecord } from "../archive/records.ts";
import type { AssetRow } from "../db/schema.ts";
import type { ByKind } from "../lib/asset-kinds.ts";

/** The events of a run, for printers, logs and tests. Times in milliseconds. */
export type SyncEvent =
  | {
      type: "planned";
      home: string;
      /** All tracked ids; `due` of them are fetched in this run. */
      tracked: number;
      due: number;
      requests: number;
      ratePerSecond: number;
      /** Files to fetch, by kind, as known before any task is fetched. */
      wanted: ByKind;
      /** What a file of each kind takes, by those that are stored already. */
      meanBytes: ByKind;
      freeBytes: number | null;
    }
  | { type: "imported"; file: string; added: number; repeated: number; useless: number }
  | { type: "saved"; saved: SavedRecord[] }
  | { type: "unknownWords"; taskId: string; words: string[] }
  | { type: "unrequested"; count: number }
  | { type: "notSeen"; ids: string[] }
  | { type: "taskFailed"; ids: string[]; message: string }
  | { type: "retry"; message: string; waitMs: number }
  | { type: "bytes"; count: number }
  | { type: "stored"; asset: AssetRow; bytes: number; adopted: boolean }
  /** Stored files that are missing or have another size now: they are fetched again. */
  | { type: "lost"; count: number }
  /** Upstream has other bytes than the lost file had. They are kept at `path`; the file itself stays lost. */
  | { type: "differs"; asset: AssetRow; path: string }
  /** The right bytes of a damaged file are back: so many quarantined files were removed. */
  | { type: "quarantinedRemoved"; asset: AssetRow; count: number }
  | { type: "assetFailed"; asset: AssetRow; message: string; nextAttemptAt: number | null }
  | { type: "assetGone"; asset: AssetRow }
  /** At the end: a host that was not reached, the last reason, and how many files wait for it. */
  | { type: "hostUnreached"; host: string; files: number; message: string }
  | { type: "outage"; host: string; misses: number }
  | { type: "stopped"; message: string; hint: string | undefined };

export type Emit = (event: SyncEvent) => void;
