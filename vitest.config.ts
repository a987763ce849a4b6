import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** `npm test` runs what a newcomer waits for, `npm run test:deep` the rest: `vitest run --project everyday|deep`. */
export default defineConfig({
  test: {
    // Many tests wait for a process, a clock or a network: two more than there are cores keep these busy.
    maxWorkers: Math.min(availableParallelism() + 2, 6),
    projects: [
      // Its files share what a worker has imported: reading it anew for each is a quarter of all the work.
      { test: { ...project("everyday"), include: ["test/**/*.test.ts"], exclude: ["test/deep/**"], isolate: false } },
      // Some of its files measure their own memory, or hold locks: each has a process to itself.
      { test: { ...project("deep"), include: ["test/deep/**/*.test.ts"] } },
    ],
  },
});

/** Time-outs only end what hangs: a busy machine takes several times as long as an idle one. */
function project(name: string) {
  return {
    name,
    pool: "forks" as const,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    globalSetup: ["test/helpers/list-missing.ts"],
  };
}
