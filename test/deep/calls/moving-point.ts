import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nightly } from "../../helpers/nightly.ts";
import { SEED } from "../../helpers/seeded.ts";

export type Point = { call: string; nth: number };

/**
 * The points of a loop that moves a fault on by one call until the program runs through: for each system call the 1st,
 * the 2nd, … and one more than `counts` says, which goes on as long as `reached` says so. In the nightly mode all of
 * them, else every `stride`th from one that the seed chooses.
 */
export function movingPoint(counts: Record<string, number>, stride: number) {
  const points = Object.entries(counts).flatMap(([call, count]) =>
    Array.from({ length: count + 1 }, (_, n): Point => ({ call, nth: n + 1 })),
  );
  const step = nightly(stride, 1);
  const chosen = points.filter((_, n) => n % step === SEED % step);
  const reached = ({ call, nth }: Point) => {
    if (nth > (counts[call] ?? 0)) chosen.push({ call, nth: nth + 1 });
    return 1;
  };
  return { points: chosen, of: points.length - Object.keys(counts).length, reached };
}

/** Copies a folder that broke a promise to where it stays, and says where. */
export function keepEvidence(folder: string): string {
  const kept = mkdtempSync(join(tmpdir(), "mirror-evidence-"));
  execFileSync("cp", ["-a", folder, kept]);
  return kept;
}
