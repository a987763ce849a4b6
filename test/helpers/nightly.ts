/**
 * True when every point of a long loop is tried: MIRROR_TEST_NIGHTLY=1. Otherwise a part is, and which one follows from
 * the seed.
 */
export const NIGHTLY = process.env["MIRROR_TEST_NIGHTLY"] === "1";

/** `whole` in the nightly mode, else `part`. */
export function nightly(part: number, whole: number): number {
  return NIGHTLY ? whole : part;
}
