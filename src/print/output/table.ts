import { safeLine } from "../../lib/text/terminal-safe.ts";
import type { Widths } from "../../lib/text/widths.ts";
import { widthsFor } from "../../lib/text/widths-for.ts";

export type Column<Row> = {
  title: string;
  text(row: Row): string;
  /** What stands for it in a terminal where the whole of all columns has no room, such as the beginning of an id. */
  short?(row: Row): string;
  align?: "left" | "right";
  /** What happens in a narrow terminal: `shrink` is cut, `drop` is left out. Other columns are cut only when nothing else helps. */
  overflow?: "shrink" | "drop";
  /** The text that is seen even where the column is narrow: what is before it is cut. */
  focus?: string;
  /** A column that may shrink keeps this much while others can be left out; 10 unless given. */
  least?: number;
  /** Left out while no row has anything in it. */
  ifAny?: true;
};

export type TableOptions = {
  /** Columns of the terminal; undefined in a pipe or a file, where nothing is cut. */
  width: number | undefined;
  heading: (text: string) => string;
  /** Told the titles of the columns that had no room. */
  onDropped?: (titles: string[]) => void;
};

/** Widths are taken from this many rows; later rows that are wider are cut on a terminal, and exceed their column elsewhere. */
const MEASURED_ROWS = 1000;
const GAP = "  ";
const LEAST = 10;
/** The smallest width of any column. */
const BARE = 3;
/** The largest width of a cell in a pipe. */
const MOST = 200;

/** Lines of an aligned table, heading first; none for no rows. Memory stays flat however many rows there are. */
export async function* tableLines<Row>(
  rows: AsyncIterable<Row> | Iterable<Row>,
  columns: readonly Column<Row>[],
  options: TableOptions,
): AsyncGenerator<string> {
  const measured: { row: Row; cells: string[] }[] = [];
  let fitted: Fitted | undefined;
  let text = await widthsFor(columns.map(({ title }) => title));
  const begin = function* () {
    fitted = fit(columns, measured, text, options);
    yield options.heading(line(fitted.titles, fitted));
    for (const { row, cells } of measured) yield line(fitted.isShort ? shortCells(columns, row) : cells, fitted);
  };
  for await (const row of rows) {
    const cells = columns.map((column) => safeLine(column.text(row)));
    text = await widthsFor(cells, text);
    if (fitted) yield line(fitted.isShort ? shortCells(columns, row) : cells, { ...fitted, text });
    else if (measured.push({ row, cells }) === MEASURED_ROWS) yield* begin();
  }
  if (!fitted && measured.length > 0) yield* begin();
}

function shortCells<Row>(columns: readonly Column<Row>[], row: Row): string[] {
  return columns.map((column) => safeLine((column.short ?? column.text)(row)));
}

type Fitted = {
  text: Widths;
  isShort: boolean;
  titles: string[];
  widths: number[];
  aligns: ("left" | "right")[];
  focuses: (string | undefined)[];
};
type Measured<Row> = { row: Row; cells: string[] }[];

/** A width of 0 means that the column is left out. */
function fit<Row>(
  columns: readonly Column<Row>[],
  rows: Measured<Row>,
  text: Widths,
  { width, onDropped }: TableOptions,
): Fitted {
  const titles = columns.map(({ title }) => title);
  const [aligns, focuses] = [columns.map(({ align }) => align ?? "left"), columns.map(({ focus }) => focus)];
  const common = { text, titles, aligns, focuses };
  const whole = wantedWidths(
    columns,
    rows.map(({ cells }) => cells),
    text,
  );
  if (width === undefined || total(whole) <= width) return { ...common, isShort: false, widths: whole };
  const wanted = wantedWidths(
    columns,
    rows.map(({ row }) => shortCells(columns, row)),
    text,
  );
  const widths = fitWidths(columns, wanted, width);
  const dropped = titles.filter((_title, at) => (wanted[at] ?? 0) > 0 && widths[at] === 0);
  if (dropped.length > 0) onDropped?.(dropped);
  return { ...common, isShort: true, widths };
}

function wantedWidths<Row>(columns: readonly Column<Row>[], rows: string[][], text: Widths): number[] {
  return columns.map((column, at) => {
    const widest = Math.max(...rows.map((cells) => text.widthOf(cells[at] ?? "")));
    return column.ifAny && widest === 0 ? 0 : Math.min(MOST, Math.max(text.widthOf(column.title), widest));
  });
}

/**
 * Cuts columns that may shrink to their minimum, drops columns from the right, cuts the widest while that is not enough (a
 * line that wraps is worse), then distributes the space that is left.
 */
function fitWidths<Row>(columns: readonly Column<Row>[], wanted: number[], width: number): number[] {
  const least = wanted.map((wide, at) =>
    columns[at]?.overflow === "shrink" ? Math.min(wide, columns[at]?.least ?? LEAST) : wide,
  );
  for (let at = columns.length - 1; at >= 0 && total(least) > width; at--) {
    if (columns[at]?.overflow === "drop") least[at] = 0;
  }
  for (let over = total(least) - width; over > 0; over--) {
    const widest = Math.max(...least);
    if (widest > BARE) least[least.lastIndexOf(widest)] = widest - 1;
  }
  let spare = Math.max(0, width - total(least));
  return least.map((wide, at) => {
    const more = columns[at]?.overflow === "shrink" ? Math.min(spare, (wanted[at] ?? 0) - wide) : 0;
    spare -= more;
    return wide + more;
  });
}

function total(widths: number[]): number {
  const kept = widths.filter((wide) => wide > 0);
  return kept.reduce((sum, wide) => sum + wide, 0) + GAP.length * Math.max(0, kept.length - 1);
}

function line(cells: string[], { text, widths, aligns, focuses }: Fitted): string {
  const fitted = cells.flatMap((cell, at) => {
    const width = widths[at] ?? 0;
    return width === 0 ? [] : [text.pad(text.truncate(seen(cell, focuses[at], width, text), width), width, aligns[at])];
  });
  return fitted.join(GAP).trimEnd();
}

/** The cell from so far on that its focus is within the first third of the width. */
function seen(cell: string, focus: string | undefined, width: number, text: Widths): string {
  const at = focus === undefined ? -1 : cell.indexOf(focus);
  if (at <= 0 || text.widthOf(cell) <= width) return cell;
  const words = [...cell.slice(0, at).matchAll(/\S+\s*/g)];
  const from = words.find(({ index }) => text.widthOf(cell.slice(index, at)) <= width / 3)?.index ?? at;
  return from === 0 ? cell : `…${cell.slice(from)}`;
}
