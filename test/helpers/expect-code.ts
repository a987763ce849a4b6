import type { Ended } from "./program.ts";

/** Fails with all that the program printed when it ended with another code; gives the end back. */
export function expectCode(end: Ended, code: number): Ended {
  if (end.code === code) return end;
  const how = end.code ?? end.signal ?? "nothing";
  throw new Error(`ended with ${how}, not ${code}\n--- stdout\n${end.stdout}\n--- stderr\n${end.stderr}`);
}
