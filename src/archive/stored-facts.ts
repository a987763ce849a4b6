import type { AssetRow } from "../db/schema.ts";

/** Columns of `assets` that are known once a file is stored; the journal records the same. */
export const STORED_FACTS = [
  "path",
  "bytes",
  "sha256",
  "contentType",
  "etag",
  "lastModified",
  "durationSeconds",
  "proof",
  "note",
  "httpStatus",
] as const satisfies (keyof AssetRow)[];

/** What is known of a file that was checked, flushed and renamed to its final name. */
export type StoredFacts = Pick<AssetRow, (typeof STORED_FACTS)[number]>;
