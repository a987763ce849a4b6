import type { RequestedRange } from "../../../src/lib/net/range.ts";
import type { Fault } from "./faults.ts";

/** How many bytes before the requested position a wrong range starts. */
const TOO_EARLY = 100;

/** The part of a file of `size` bytes that the last range fault sends in place of the requested one. */
export function changeRange(range: RequestedRange, size: number, faults: Fault[]): RequestedRange {
  switch (faults.findLast((fault) => fault.kind === "range")?.how) {
    case undefined:
      return range;
    case "ignored":
      return { kind: "whole" };
    case "unsatisfiable":
      return { kind: "unsatisfiable" };
    case "unrequested":
      return { kind: "part", start: Math.floor(size / 2), end: size - 1 };
    case "wrong-start":
      return range.kind === "part" ? { ...range, start: Math.max(0, range.start - TOO_EARLY) } : range;
  }
}
