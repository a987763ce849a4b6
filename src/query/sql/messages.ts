import type { ExactCell } from "./cells.ts";

export type Limits = {
  /** Milliseconds that the query itself may take; waiting for the reader of its rows does not count. */
  timeMs: number;
  /** Most memory of the child. */
  memoryBytes: number;
};

/** What the parent writes to the child's stdin, as one JSON document. */
export type SqlRequest = Limits & {
  path: string;
  sql: string;
  /** 0: all. */
  maxRows: number;
  /** Values of `:name` parameters, as they were typed (sql-parameters.ts). */
  parameters?: Record<string, string>;
  /** Cells that tell SQLite's types apart (cells.ts), instead of what a person wants to read. */
  exact?: boolean;
};

/** A cell as JSON can carry it: integers beyond 2^53 and infinities as text, blobs as lower-case hex. */
export type SqlValue = string | number | null;

/** What the child writes to its stdout, one JSON document a line: the columns, then rows in batches, then the end. */
export type SqlMessage =
  { columns: string[] } | { rows: ExactCell[][] } | { end: true; cut: boolean } | { error: string; refused: boolean };
