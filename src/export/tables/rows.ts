import type { Cell } from "../../query/sql/cells.ts";
import type { ColumnType } from "./column-types.ts";

/** Rows for one file, some at a time, to be gone through once. */
export type Source = { name: string; columns: string[]; batches: AsyncIterable<Cell[][]> };

/** What writes rows in one format. */
export type RowWriter = { write(rows: Cell[][]): void; finish(): void };

/** Where finished bytes go, and text as UTF-8; what was given may be changed afterwards. */
export type TableSink = { write(piece: Uint8Array | string): void };

export const TABLE_FORMATS = ["csv", "ndjson", "parquet"] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];

export type TableColumn = { name: string; type: ColumnType };
