import type { ListGroup } from "../../query/lists/arrange.ts";

/** The geometry of a list of groups: where each line is, without a line for each song. */
export type Layout = Shape & { height: number; groups: PlacedGroup[] };
type PlacedGroup = { group: ListGroup; top: number; first: number; rows: number };

/** A line that is looked at: the head of a group, a row of songs, or the takes of an unfolded stack below its row. */
export type Line =
  | { kind: "head"; key: string; top: number; group: ListGroup }
  | { kind: "row"; key: string; top: number; first: number; count: number }
  | { kind: "takes"; key: string; top: number; index: number };

export type Shape = {
  columns: number;
  rowHeight: number;
  /** 0: without heads. */
  headHeight: number;
  /** The unfolded stack, and the height of its takes. */
  open?: { index: number; height: number } | undefined;
};

/** Lays the groups out below each other. Heights in pixels. */
export function layOut(groups: ListGroup[], shape: Shape): Layout {
  const { columns, rowHeight, headHeight, open } = shape;
  const placed: PlacedGroup[] = [];
  let [top, first] = [0, 0];
  for (const group of groups) {
    const rows = Math.ceil(group.clips / columns);
    placed.push({ group, top, first, rows });
    top += headHeight + rows * rowHeight + (open && isIn(first, group.clips, open.index) ? open.height : 0);
    first += group.clips;
  }
  return { ...shape, height: top, groups: placed };
}

/** The lines between two heights. */
export function linesBetween(layout: Layout, from: number, to: number): Line[] {
  const { groups, rowHeight, headHeight, columns, open } = layout;
  const lines: Line[] = [];
  for (let at = groupAt(layout, from); at < groups.length; at++) {
    const { group, top, first, rows } = groups[at]!;
    if (top > to) break;
    if (headHeight > 0) lines.push({ kind: "head", key: `head ${group.key}`, top, group });
    const rowsTop = top + headHeight;
    const openRow =
      open && isIn(first, group.clips, open.index) ? Math.floor((open.index - first) / columns) : Infinity;
    const shift = open?.height ?? 0;
    // A row above the unfolded takes may be asked for too early by their height: a few lines more.
    const start = Math.max(0, Math.floor((from - rowsTop - (openRow === Infinity ? 0 : shift)) / rowHeight));
    const end = Math.min(rows, Math.ceil((to - rowsTop) / rowHeight));
    for (let row = start; row < end; row++) {
      const index = first + row * columns;
      const count = Math.min(columns, first + group.clips - index);
      const rowTop = rowsTop + row * rowHeight + (row > openRow ? shift : 0);
      lines.push({ kind: "row", key: `row ${index}`, top: rowTop, first: index, count });
      if (row === openRow) lines.push({ kind: "takes", key: "takes", top: rowTop + rowHeight, index: open!.index });
    }
  }
  return lines;
}

/** The group in which a height lies. */
export function groupAt({ groups }: Layout, height: number): number {
  let [low, high] = [0, groups.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (groups[middle]!.top <= height) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}

/** Where the row of a song is, in pixels from the top. */
export function topOf(layout: Layout, index: number): number {
  const { groups, headHeight, rowHeight, columns, open } = layout;
  const found = groups.findLast(({ first }) => first <= index);
  if (!found) return 0;
  const row = Math.floor((index - found.first) / columns);
  const openRow =
    open && isIn(found.first, found.group.clips, open.index)
      ? Math.floor((open.index - found.first) / columns)
      : Infinity;
  return found.top + headHeight + row * rowHeight + (row > openRow ? (open?.height ?? 0) : 0);
}

function isIn(first: number, clips: number, index: number): boolean {
  return index >= first && index < first + clips;
}
