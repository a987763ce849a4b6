import { NIGHTLY } from "./nightly.ts";

/**
 * Seed of this run's random moments: the same in every ordinary run, so that a red one is somebody's doing, and a new one
 * in the nightly mode, which is there to find what nobody thought of. MIRROR_TEST_SEED sets it.
 */
export const SEED = Number(process.env["MIRROR_TEST_SEED"] ?? (NIGHTLY ? Math.floor(Math.random() * 1e9) : 20261123));

/** Numbers in [0, 1), the same for the same seed. https://en.wikipedia.org/wiki/Lehmer_random_number_generator */
export function seededRandom(seed: number): () => number {
  let state = (seed % 2147483646) + 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
