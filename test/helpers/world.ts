import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { taskIds, type DemoLibrary } from "../../src/demo/library/library-types.ts";
import { makeLibrary } from "../stand-in/make-record.ts";
import { startStandIn, type StandIn, type StandInOptions } from "../stand-in/stand-in.ts";
import { examine } from "./oracle/oracle.ts";
import { runHere } from "./run-here.ts";
import { startProgram, type Ended, type Running, type StartOptions } from "./program.ts";

/** Found nowhere but in the environment and in the header that it is for. */
export const TOKEN = "canary-7Qx2vN9pLk4RzTb8WmYc";

export type WorldOptions = {
  /** Songs of the service; 3 by default. */
  tasks?: number;
  library?: (assetBase: string) => DemoLibrary;
  standIn?: StandInOptions;
  /** False: nothing is tracked and there is no archive yet. */
  tracked?: boolean;
  /** Laid over the environment of every command; an empty value is unset. */
  env?: Record<string, string>;
};

export type MirrorOptions = Partial<StartOptions>;

/** A home, a service on loopback, and the program between them. Dispose of it to end all and remove the folder. */
export type World = AsyncDisposable & {
  /** Temporary folder; the program's working folder and HOME. */
  folder: string;
  home: string;
  standIn: StandIn;
  ids: string[];
  env: Record<string, string>;
  start(args: string[], options?: MirrorOptions): Running;
  /** Runs a command in this process, to its end. */
  mirror(...args: string[]): Promise<Ended>;
  /** Runs a command in a process of its own, to its end. */
  mirrorWith(options: MirrorOptions, ...args: string[]): Promise<Ended>;
  /** What the independent checker finds wrong. */
  problems(): string[];
};

export async function makeWorld(options: WorldOptions = {}): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "mirror-e2e-"));
  const home = join(folder, "mirror");
  const library = options.library ?? ((assetBase) => makeLibrary({ tasks: options.tasks ?? 3, assetBase }));
  const standIn = await startStandIn({ library, token: TOKEN, separateAssets: true, ...options.standIn });
  const env = environment({ folder, home, url: standIn.url, assetHost: standIn.assetHost }, options.env);
  const running = new Set<Running>();
  const start = (args: string[], more: MirrorOptions = {}) => {
    const child = startProgram(args, { cwd: folder, ...more, env: { ...env, ...more.env } });
    running.add(child);
    void child.done.finally(() => running.delete(child)).catch(() => {});
    return child;
  };
  const ids = taskIds(standIn.library);
  const world: World = {
    folder,
    home,
    standIn,
    ids,
    env,
    start,
    mirror: (...args) => runHere(args, { env, cwd: folder }),
    mirrorWith: (more, ...args) => start(args, more).done,
    problems: () =>
      examine({
        home,
        bytesOf: servedBy(standIn),
        requests: standIn.requests,
        violations: standIn.violations,
        token: TOKEN,
      }),
    async [Symbol.asyncDispose]() {
      for (const child of running) child.kill("SIGKILL");
      await Promise.all([...running].map((child) => child.done));
      await standIn.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  if (options.tracked !== false) await trackAll(world);
  return world;
}

/** What every command is started with: nothing of ours leaks in. */
export function environment(
  path: { folder: string; home: string; url: string; assetHost: string },
  more: Record<string, string> = {},
) {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: path.folder,
    TZ: "UTC",
    ACEDATACLOUD_API_TOKEN: TOKEN,
    PRODUCER_MIRROR_HOME: path.home,
    PRODUCER_MIRROR_API_URL: path.url,
    PRODUCER_MIRROR_ASSET_HOSTS: path.assetHost,
    PRODUCER_MIRROR_RATE: "0",
    ...more,
  };
}

/** The bytes that the stand-in holds for a URL, if it is one of its own. */
export function servedBy(standIn: StandIn): (url: string) => Buffer | undefined {
  return (url) => {
    if (!URL.canParse(url) || new URL(url).origin !== standIn.assetUrl) return undefined;
    return standIn.assets.get(decodeURIComponent(new URL(url).pathname))?.body;
  };
}

async function trackAll(world: World): Promise<void> {
  const { code, stderr } = await world.mirror("track", ...world.ids);
  if (code !== 0) throw new Error(`track ended with ${code}: ${stderr}`);
}
