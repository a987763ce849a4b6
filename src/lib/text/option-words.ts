import { UsageError } from "../errors.ts";

/** A whole number from 0 on. Throws UsageError. */
export function readCount(text: string, flag: string): number {
  const rows = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(rows)) return rows;
  throw new UsageError(`${flag} is "${text}"; it takes a whole number, 0 for all`);
}

/** Words separated by commas. Throws UsageError when there is none. */
export function splitList(text: string, flag: string): string[] {
  const values = text
    .split(",")
    .map((value) => value.trim())
    .filter(Boolean);
  if (values.length === 0) throw new UsageError(`${flag} is empty`);
  return values;
}

/** The word, when it is one of `known`. Throws UsageError that lists them. */
export function oneOf<T extends string>(known: readonly T[], text: string, flag: string): T {
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  throw new UsageError(`${flag} is "${text}"; it takes ${known.slice(0, -1).join(", ")} or ${known.at(-1)}`);
}
