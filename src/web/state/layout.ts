import type { Day } from "./library.ts";

/** The geometry of a list of groups: where each line is, without a line for each song. */
export type Layout = { height: number; groups: Group[]; columns: number; rowHeight: number; headHeight: number };
type Group = { day: Day; top: number; first: number; rows: number };

/** A line that is looked at: the head of a group, or a row of songs. */
export type Line =
  | { kind: "head"; key: string; top: number; day: Day }
  | { kind: "row"; key: string; top: number; first: number; count: number };

export type Shape = { columns: number; rowHeight: number; headHeight: number };

/** Lays the groups out below each other. Heights in pixels. */
export function layOut(days: Day[], { columns, rowHeight, headHeight }: Shape): Layout {
  const groups: Group[] = [];
  let [top, first] = [0, 0];
  for (const day of days) {
    const rows = Math.ceil(day.clips / columns);
    groups.push({ day, top, first, rows });
    top += headHeight + rows * rowHeight;
    first += day.clips;
  }
  return { height: top, groups, columns, rowHeight, headHeight };
}

/** The lines between two heights. */
export function linesBetween(layout: Layout, from: number, to: number): Line[] {
  const { groups, rowHeight, headHeight, columns } = layout;
  const lines: Line[] = [];
  for (let at = groupAt(layout, from); at < groups.length; at++) {
    const { day, top, first, rows } = groups[at]!;
    if (top > to) break;
    if (day.key !== "") lines.push({ kind: "head", key: `day ${day.key}`, top, day });
    const rowsTop = top + headHeight;
    const start = Math.max(0, Math.floor((from - rowsTop) / rowHeight));
    const end = Math.min(rows, Math.ceil((to - rowsTop) / rowHeight));
    for (let row = start; row < end; row++) {
      const index = first + row * columns;
      const count = Math.min(columns, first + day.clips - index);
      lines.push({ kind: "row", key: `row ${index}`, top: rowsTop + row * rowHeight, first: index, count });
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
