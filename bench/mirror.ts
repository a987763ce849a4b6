import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Bench } from "./bench.ts";
import { runNode, type RunOptions, type Usage } from "./measured.ts";

export const PROGRAM = join(import.meta.dirname, "../dist/main.js");

/** One archive of the built program, in a folder of its own. */
export type Mirror = {
  home: string;
  env: Record<string, string>;
  run(args: string[], options?: Partial<RunOptions>): Promise<Usage>;
  /** Makes it again as a copy of another one's database and journal, without files. */
  becomeCopyOf(other: Mirror): Promise<void>;
  remove(): Promise<void>;
};

export function mirrorIn(bench: Bench, name: string, service: { url: string; assetHost: string }): Mirror {
  const home = join(bench.folder, name);
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: bench.folder,
    ACEDATACLOUD_API_TOKEN: "bench",
    PRODUCER_MIRROR_HOME: home,
    PRODUCER_MIRROR_API_URL: service.url,
    PRODUCER_MIRROR_ASSET_HOSTS: service.assetHost,
    PRODUCER_MIRROR_RATE: "0",
  };
  const remove = () => rm(home, { recursive: true, force: true });
  return {
    home,
    env,
    run: (args, options) => runNode(PROGRAM, args, { env, signal: bench.signal, ...options }),
    async becomeCopyOf(other) {
      await remove();
      await cp(other.home, home, { recursive: true, filter: (path) => !path.startsWith(join(other.home, "assets")) });
    },
    remove,
  };
}
