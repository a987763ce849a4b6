import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** `npm test` runs what a newcomer waits for, `npm run test:deep` the rest: `vitest run --project everyday|deep`. */
export default defineConfig({
  test: {
    // Many tests wait for a process, a clock or a network: one more than there are cores keeps these busy.
    maxWorkers: Math.min(availableParallelism() + 1, 5),
    projects: [
      project("everyday", ["test/**/*.test.ts"], ["test/deep/**"]),
      project("deep", ["test/deep/**/*.test.ts"], []),
    ],
  },
});

/** Time-outs only end what hangs: a busy machine takes several times as long as an idle one. */
function project(name: string, include: string[], exclude: string[]) {
  return {
    test: {
      name,
      include,
      exclude,
      pool: "forks" as const,
      testTimeout: 120_000,
      hookTimeout: 120_000,
      globalSetup: ["test/helpers/list-missing.ts"],
    },
  };
}
