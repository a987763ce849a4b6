import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    // Many tests wait for a process, a clock or a network: one more than there are cores keeps these busy.
    maxWorkers: Math.min(availableParallelism() + 1, 5),
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
