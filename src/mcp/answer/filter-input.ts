import * as z from "zod";
import type { Filter } from "../../query/filter/filter.ts";
import { readFilter } from "../../query/filter/read-filter.ts";

const list = (what: string) => z.string().optional().describe(`${what}; several with commas between`);

/** The filters of the lists, as arguments. */
export const FILTER_INPUT = {
  model: list("model, such as FUZZ-2.0"),
  action: list("what was asked for, such as generate, cover, extend"),
  state: list("pending, succeeded, partial, failed or missing"),
  tag: list("the person's own tags; !tag: without it"),
  starred: z.boolean().optional().describe("true: with the person's star; false: without"),
  min_rating: z.int().min(1).max(5).optional().describe("rated at least so by the person"),
  playlist: z.string().optional().describe("in this playlist of the person, by name or id"),
  since: z.string().optional().describe("made at or after: 2026-11, 2026-11-20, 2026-11-20T18:30:00Z (UTC), 7d"),
  until: z.string().optional().describe("made before; a day or month includes it"),
  min_duration: z.string().optional().describe("at least this long: 90s, 2m"),
  max_duration: z.string().optional().describe("at most this long"),
  instrumental: z.boolean().optional().describe("true: asked for without singing; false: all others"),
};

type Words = z.output<z.ZodObject<typeof FILTER_INPUT>>;

/** The arguments as a filter. Throws UsageError that names the bad one. */
export function filterOf(words: Words): Filter {
  const { model, action, state, tag, starred, playlist, since, until, instrumental } = words;
  const { min_duration: minDuration, max_duration: maxDuration, min_rating: rating } = words;
  const minRating = rating === undefined ? undefined : String(rating);
  const marks = { tag, starred, minRating, playlist };
  const filter = { model, action, state, ...marks, since, until, instrumental, minDuration, maxDuration };
  return readFilter(filter, (name) => name.replaceAll("-", "_"));
}
