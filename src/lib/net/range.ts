/** `whole`: no range, or one that a server may ignore; `unsatisfiable`: 416. Offsets are inclusive. */
export type RequestedRange =
  { kind: "whole" } | { kind: "unsatisfiable" } | { kind: "part"; start: number; end: number };

/** Reads a Range header for a body of `size` bytes (RFC 9110 14.1.2). Several ranges at once are ignored. */
export function parseRange(header: string | undefined, size: number): RequestedRange {
  const [, first, last] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header?.trim() ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return { kind: "whole" };
  if (first === "") return suffix(Number(last), size);
  const [start, end] = [Number(first), last === "" ? size - 1 : Math.min(Number(last), size - 1)];
  if (last !== "" && Number(last) < start) return { kind: "whole" };
  return start >= size ? { kind: "unsatisfiable" } : { kind: "part", start, end };
}

function suffix(length: number, size: number): RequestedRange {
  if (length === 0 || size === 0) return { kind: "unsatisfiable" };
  return { kind: "part", start: Math.max(0, size - length), end: size - 1 };
}
