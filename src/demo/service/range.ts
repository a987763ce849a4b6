/** `whole`: no range, or one that a server may overlook; `unsatisfiable`: 416. Offsets are inclusive. */
export type RangeWish = { how: "whole" } | { how: "unsatisfiable" } | { how: "part"; start: number; end: number };

/** Reads a Range header for a body of `size` bytes (RFC 9110 14.1.2; one range only, several are overlooked). */
export function parseRange(header: string | undefined, size: number): RangeWish {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return { how: "whole" };
  if (first === "") return suffix(Number(last), size);
  const [start, end] = [Number(first), last === "" ? size - 1 : Math.min(Number(last), size - 1)];
  if (last !== "" && Number(last) < start) return { how: "whole" };
  return start >= size ? { how: "unsatisfiable" } : { how: "part", start, end };
}

function suffix(length: number, size: number): RangeWish {
  if (length === 0 || size === 0) return { how: "unsatisfiable" };
  return { how: "part", start: Math.max(0, size - length), end: size - 1 };
}
