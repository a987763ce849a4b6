import { defaultConfig, type Config } from "../../../src/config.ts";
import type { RunnerEvent, RunnerOptions, Runner } from "../../../src/app/runner/runner-types.ts";
import { startRunner } from "../../../src/app/runner/runner.ts";
import { TOKEN, type World } from "../../helpers/world.ts";

/** A runner in this process and what it has reported. */
export type Running = AsyncDisposable & {
  runner: Runner;
  events: RunnerEvent[];
  /** Names of what it reported to programs, in order. */
  reported(): string[];
  /** Waits until it has reported so many of these; rejects when the runner ends before. */
  until(isEnough: (running: Running) => boolean): Promise<void>;
};

/** Never by itself, but at the start. */
export const ONCE = { cron: "0 0 1 1 *", timezone: "UTC" };

/** The settings of a world, as a command reads them. */
export function configOf(world: World, settings: Partial<Config> = {}): Config {
  const { standIn, home } = world;
  const own = { token: TOKEN, apiUrl: standIn.url, assetHosts: [standIn.assetHost], rate: 0 };
  return defaultConfig(home, { ...own, ...settings });
}

export async function run(
  world: World,
  options: Partial<RunnerOptions> = {},
  settings: () => Config = () => configOf(world),
): Promise<Running> {
  const events: RunnerEvent[] = [];
  let changed = () => {};
  const emit = (event: RunnerEvent) => {
    events.push(event);
    changed();
  };
  const runner = await startRunner(
    settings(),
    { name: "watch", schedule: ONCE, bounds: {}, ...options },
    emit,
    settings,
  );
  const running: Running = {
    runner,
    events,
    reported: () => events.flatMap((event) => (event.type === "happened" ? [event.happening.event] : [])),
    async until(isEnough) {
      while (!isEnough(running)) {
        const next = new Promise<void>((resolve) => (changed = resolve));
        await Promise.race([next, runner.done.then(() => Promise.reject(new Error("the runner has ended")))]);
      }
    },
    [Symbol.asyncDispose]: () => runner.stop(new Error("SIGTERM")),
  };
  return running;
}

/** How many runs of this kind have ended. */
export function ended(events: RunnerEvent[], job: string): number {
  return events.filter((event) => (event.type === "ran" || event.type === "failed") && event.job === job).length;
}
