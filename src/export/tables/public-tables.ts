import { is } from "drizzle-orm";
import { getTableConfig, SQLiteTable } from "drizzle-orm/sqlite-core";
import * as schema from "../../db/schema.ts";
import { hideCallbackSecrets } from "../../lib/text/callback-secret.ts";
import type { Cell } from "../../query/sql/cells.ts";

/** A table that is a public interface, as SQL names it, or the view `songs`. */
export type PublicTable = {
  name: string;
  /** What puts its rows into an order of their own; null for a view. */
  orderBy: string | null;
};

/**
 * Whole records, and what they hold of an account: kept back unless asked for. Task ids stay, for nothing could be joined
 * without them.
 */
const WITHHELD: Record<string, string[]> = {
  tasks: ["callback_url", "api_id", "application_id", "credential_id", "user_id", "trace_id"],
  task_documents: ["document"],
};
/** What follows a `?` in an address may be a signature. */
const ADDRESS = /(?:^|_)url$/;

/** Every table of the schema and the view, by name. */
export function publicTables(): PublicTable[] {
  const tables = Object.values(schema)
    .filter((value) => is(value, SQLiteTable))
    .map((table) => toPublic(getTableConfig(table)));
  return [...tables, { name: "songs", orderBy: null }].toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

function toPublic({ name, columns, primaryKeys }: ReturnType<typeof getTableConfig>): PublicTable {
  const keys = primaryKeys[0]?.columns ?? columns.filter(({ primary }) => primary);
  return { name, orderBy: keys.map((column) => `"${column.name}"`).join(", ") };
}

/** What becomes of the cells of a column when all is asked for: a callback address shows no secret of ours. */
export function hidesSecrets(table: string, column: string): ((cell: Cell) => Cell) | undefined {
  const mayHold = column === "callback_url" || (table === "task_documents" && column === "document");
  return mayHold ? (cell) => (typeof cell === "string" ? hideCallbackSecrets(cell) : cell) : undefined;
}

/** What becomes of the cells of a column when nothing secret is asked for; undefined where they stay. */
export function withholds(table: string, column: string): ((cell: Cell) => Cell) | undefined {
  if (WITHHELD[table]?.includes(column)) return () => null;
  if (!ADDRESS.test(column)) return undefined;
  return (cell) => (typeof cell === "string" ? cell.replace(/[?#][^]*$/, "") : cell);
}
