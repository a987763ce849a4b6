import type { ExactCell } from "./cells.ts";

export type Limits = {
  /** Milliseconds for the query; time in which the reader of its rows is slow does not count. */
  timeMs: number;
  /** The most memory that the child may use. */
  memoryBytes: number;
};

/** What the parent writes to the child's stdin, as one JSON document. */
export type SqlRequest = Limits & {
  path: string;
  sql: string;
  /** 0: no limit. */
  maxRows: number;
  /** Values of `:name` parameters, as they were typed (parameters.ts). */
  parameters?: Record<string, string>;
  /** Send cells that distinguish SQLite's types (cells.ts), instead of plain values. */
  exact?: boolean;
};

/** A cell as JSON can carry it: integers beyond 2^53 and infinities as text, blobs as lower-case hex. */
export type SqlValue = string | number | null;

/** What the child writes to its stdout, one JSON document per line: the columns, then rows in batches, then the end. */
export type SqlMessage =
  { columns: string[] } | { rows: ExactCell[][] } | { end: true; cut: boolean } | { error: string; refused: boolean };
