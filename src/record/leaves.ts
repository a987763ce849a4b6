import * as z from "zod/mini";
import { readMoment } from "../lib/time/moment.ts";

/** Text; a number becomes its digits. */
export function text(value: unknown): string | null {
  return typeof value === "string" ? value.toWellFormed() : Number.isFinite(value) ? String(value) : null;
}

/** A URL: only text is accepted. */
export function link(value: unknown): string | null {
  return typeof value === "string" ? value.toWellFormed() : null;
}

/** A boolean, also as text. */
export function flag(value: unknown): boolean | null {
  return typeof value === "boolean" ? value : value === "true" ? true : value === "false" ? false : null;
}

/** Seconds within a song and strengths: a number, or one written as text; `false` means "none" in what the vendor's SDKs send. */
export function real(value: unknown): number | null {
  const number =
    typeof value === "number" ? value : typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : null;
}

/** A moment, in milliseconds UTC. */
export const time = readMoment;

/** A length of time in seconds: nothing that a service makes lasts longer than a week, and none ends before it begins. */
export function span(value: unknown): number | null {
  const seconds = real(value);
  return seconds !== null && seconds >= 0 && seconds <= LONGEST_SECONDS ? seconds : null;
}

const LONGEST_SECONDS = 7 * 86_400;

const anyObject = z.custom<Record<string, unknown>>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  "expected an object",
);

type Readers = Record<string, (value: unknown) => unknown>;
type Leaves<R extends Readers> = { [Name in keyof R]: ReturnType<R[Name]> };

/**
 * An object whose leaves are read by functions that never fail: one step for zod however many there are, since a
 * schema a leaf costs more than all the rest of reading a record. `branches` are checked by zod as usual.
 */
export function leaves<R extends Readers, B extends z.ZodMiniObject = z.ZodMiniObject<Record<never, never>>>(
  readers: R,
  { branches, keepOthers = false }: { branches?: B; keepOthers?: boolean } = {},
) {
  const names = Object.keys(readers) as (keyof R & string)[];
  const known = branches ? Object.keys(branches.shape) : [];
  return z.pipe(
    branches ?? anyObject,
    z.transform((value: Record<string, unknown>): Leaves<R> & z.infer<B> => {
      const read: Record<string, unknown> = keepOthers ? { ...value } : {};
      for (const name of known) read[name] = value[name];
      for (const name of names) read[name] = (readers[name] as (leaf: unknown) => unknown)(value[name]);
      return read as Leaves<R> & z.infer<B>;
    }),
  );
}
