import type { Database } from "../../db/connection.ts";
import { hexText, realText, type Cell } from "../../query/sql/cells.ts";

/** What a column of a typed file holds; SQLite itself would take any value in any column. */
export type ColumnType = "integer" | "real" | "text" | "blob";

/** What was seen in a column. `big`: an INTEGER that a REAL cannot hold. */
export type Seen = { integer: boolean; big: boolean; real: boolean; text: boolean; blob: boolean };

const MOST_IN_REAL = 2n ** 53n;

/** The narrowest type that loses nothing; `declared` is the column's in SQL, for one without a value. */
export function columnType({ integer, big, real, text, blob }: Seen, declared: string | null = null): ColumnType {
  if (blob) return integer || real || text ? "text" : "blob";
  if (text || (real && big)) return "text";
  if (real) return "real";
  return integer ? "integer" : declaredType(declared ?? "");
}

/** By the rules of affinity: https://sqlite.org/datatype3.html#determination_of_column_affinity */
function declaredType(declared: string): ColumnType {
  if (/int/i.test(declared)) return "integer";
  if (/real|floa|doub/i.test(declared)) return "real";
  return /blob/i.test(declared) ? "blob" : "text";
}

export function nothingSeen(): Seen {
  return { integer: false, big: false, real: false, text: false, blob: false };
}

/** Notes the type of one cell. */
export function see(seen: Seen, cell: Cell): void {
  if (cell === null) return;
  if (typeof cell === "bigint") {
    seen.integer = true;
    seen.big ||= isBig(cell);
  } else if (typeof cell === "number") seen.real = true;
  else if (typeof cell === "string") seen.text = true;
  else seen.blob = true;
}

type TableColumn = { name: string; type: string | null };

/** The types of a table's columns: as declared where all values are so, which one pass tells, else as they are. */
export function typesOfTable(db: Database, table: string, columns: TableColumn[]): ColumnType[] {
  const strays = ask(
    db,
    table,
    columns.map(({ name, type }) => `typeof(${quoted(name)}) not in ('null', '${declaredType(type ?? "")}')`),
  );
  return columns.map(({ name, type }, at) =>
    strays[at] ? columnType(seenIn(db, table, name), type) : declaredType(type ?? ""),
  );
}

function seenIn(db: Database, table: string, name: string): Seen {
  const column = quoted(name);
  const kinds = ["integer", "real", "text", "blob"].map((kind) => `typeof(${column}) = '${kind}'`);
  const big = `typeof(${column}) = 'integer' and ${column} not between -${MOST_IN_REAL} and ${MOST_IN_REAL}`;
  const [integer = false, real = false, text = false, blob = false, isSome = false] = ask(db, table, [...kinds, big]);
  return { integer, real, text, blob, big: isSome };
}

/** For each condition whether it is true of any row. */
function ask({ $client: client }: Database, table: string, conditions: string[]): boolean[] {
  const asked = conditions.map((condition) => `max(${condition})`).join(", ");
  const answers = client
    .prepare(`select ${asked} from ${quoted(table)}`)
    .raw(true)
    .get() as (number | null)[];
  return answers.map((answer) => answer === 1);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A cell as text, exactly; nothing for null. */
export function cellText(cell: Exclude<Cell, null>): string {
  if (typeof cell === "number") return realText(cell);
  return cell instanceof Uint8Array ? hexText(cell) : String(cell);
}

function isBig(integer: bigint): boolean {
  return integer > MOST_IN_REAL || integer < -MOST_IN_REAL;
}
