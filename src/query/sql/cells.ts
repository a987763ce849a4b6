/** A cell as SQLite has it: INTEGER is a bigint, REAL a number, BLOB bytes. */
export type Cell = bigint | number | string | Uint8Array | null;

/** A cell as one JSON value that distinguishes the five types: what JSON cannot express is an object. */
export type ExactCell = string | number | null | { integer: string } | { real: string } | { blob: string };

/** A whole REAL would be read back as an INTEGER, and a big INTEGER as another number: both are written as text. */
export function toExact(cell: Cell): ExactCell {
  if (typeof cell === "bigint") return Number.isSafeInteger(Number(cell)) ? Number(cell) : { integer: String(cell) };
  if (typeof cell === "number" && (!Number.isFinite(cell) || Number.isInteger(cell))) return { real: realText(cell) };
  if (cell instanceof Uint8Array) return { blob: hexText(cell) };
  return cell;
}

/** The inverse of `toExact`. */
export function fromExact(cell: ExactCell): Cell {
  if (typeof cell === "number") return Number.isInteger(cell) ? BigInt(cell) : cell;
  if (typeof cell !== "object" || cell === null) return cell;
  if ("integer" in cell) return BigInt(cell.integer);
  return "real" in cell ? Number(cell.real) : Buffer.from(cell.blob, "hex");
}

/** The shortest text that is read back as this REAL and not as an INTEGER: `1.0`, `1e+300`, `Infinity`. */
export function realText(real: number): string {
  const text = Object.is(real, -0) ? "-0" : String(real);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** Bytes as lower-case hex. */
export function hexText(blob: Uint8Array): string {
  return Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength).toString("hex");
}
