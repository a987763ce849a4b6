import type { Figure } from "./figures.ts";

export type Bench = {
  /** Temporary; removed when the bench ends, however it ends. */
  folder: string;
  signal: AbortSignal;
  /** Says what the table does not. */
  note(line: string): void;
};

export type Section = (bench: Bench) => Promise<Figure[]>;

/** Runs each of `work` in turn, `rounds` times over, so that a noisy neighbour meets all of them alike. */
export async function alternate<T>(rounds: number, ...work: ((round: number) => Promise<T>)[]): Promise<T[][]> {
  const results: T[][] = work.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, one] of work.entries()) results[index]!.push(await one(round));
  }
  return results;
}

/** The smallest: noise only ever adds. */
export function best(values: number[]): number {
  return Math.min(...values);
}
