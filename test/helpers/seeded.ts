/** Seed of this run's random moments; set MIRROR_TEST_SEED to repeat one. */
export const SEED = Number(process.env["MIRROR_TEST_SEED"] ?? Math.floor(Math.random() * 1e9));

/** Numbers in [0, 1), the same for the same seed. https://en.wikipedia.org/wiki/Lehmer_random_number_generator */
export function seededRandom(seed: number): () => number {
  let state = (seed % 2147483646) + 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
