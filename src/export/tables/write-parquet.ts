import { zstdCompressSync } from "node:zlib";
import { ByteWriter, ParquetWriter, schemaFromColumnData } from "hyparquet-writer";
import type { Cell } from "../../query/sql/cells.ts";
import { cellText, type ColumnType } from "./column-types.ts";
import type { TableColumn, RowWriter, TableSink } from "./rows.ts";

const TYPES = { integer: "INT64", real: "DOUBLE", text: "STRING", blob: "BYTE_ARRAY" } as const;
/** A group of rows is held in memory until it is written: so many rows, or about so many bytes. */
const GROUP_ROWS = 5_000;
const GROUP_BYTES = 4 * 1024 * 1024;
/** The bounds of each column and group are held to the end of the file: of longer text there are none. */
const LONGEST_BOUND = 100;

/** Thrift's compact protocol: an i64 of 0, an empty list of no type, the header of a text. */
const NO_GROUPS = Buffer.from([0x16, 0x00, 0x19, 0x00, 0x28]);
const LIST_OF_STRUCTS = 0x0c;

/** Parquet: INT64, DOUBLE, UTF8 text and bytes, each may be null; groups of rows are written as they fill. */
export function parquetWriter(sink: TableSink, columns: TableColumn[]): RowWriter {
  const shape = columns.map(({ name, type }) => ({ name, type: TYPES[type], data: [] }));
  const writer = new ParquetWriter({
    writer: new Bytes(sink),
    schema: schemaFromColumnData({ columnData: shape }),
    createdBy: "producer-mirror",
    // Quicker than the library's own Snappy, and a third smaller.
    codec: "ZSTD",
    compressors: { ZSTD: (bytes) => zstdCompressSync(bytes) },
  });
  let group: Cell[][] = [];
  let bytes = 0;
  const end = () => {
    const columnData = columns.map(({ name, type }, at) => {
      const data = group.map((row) => toValue(row[at], type));
      // The library's dictionaries take 0 and -0 for one.
      const plain = type === "real" ? { encoding: "PLAIN" as const } : {};
      return { name, data, statistics: !data.some(isLong), ...plain };
    });
    void writer.write({ columnData, rowGroupSize: group.length });
    [group, bytes] = [[], 0];
  };
  return {
    write(rows) {
      for (const row of rows) {
        group.push(row);
        bytes += sizeOf(row);
        if (group.length === GROUP_ROWS || bytes >= GROUP_BYTES) end();
      }
    },
    finish() {
      if (group.length > 0) end();
      void writer.finish();
    },
  };
}

/** Hands on what is written at the end of each group, and is empty again. */
class Bytes extends ByteWriter {
  readonly #sink: TableSink;

  constructor(sink: TableSink) {
    super();
    this.#sink = sink;
  }

  flush(): void {
    this.#sink.write(this.getBytes());
    this.index = 0;
  }

  override finish(): void {
    if (this.offset === this.index) sayNoGroups(this.getBytes());
    this.flush();
  }
}

/**
 * A file without rows has an empty list of groups, for which the library leaves out what it would be a list of: strict
 * readers refuse that. In the footer it follows the number of rows (field 3), and is followed by who made the file (6).
 */
function sayNoGroups(file: Uint8Array): void {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const at = bytes.lastIndexOf(NO_GROUPS);
  if (at !== -1) bytes[at + 3] = LIST_OF_STRUCTS;
}

function toValue(cell: Cell | undefined, type: ColumnType): Cell {
  if (cell === null || cell === undefined) return null;
  if (type === "text") return cellText(cell);
  return type === "real" ? Number(cell) : cell;
}

function isLong(value: Cell): boolean {
  return (typeof value === "string" || value instanceof Uint8Array) && value.length > LONGEST_BOUND;
}

function sizeOf(row: Cell[]): number {
  return row.reduce<number>((sum, cell) => {
    return sum + (typeof cell === "string" || cell instanceof Uint8Array ? cell.length : 8);
  }, 0);
}
