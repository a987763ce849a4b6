import { startRunner } from "../../../app/runner/runner.ts";
import { signalExitCode } from "../../../print/output/interrupted.ts";
import type { CliCommand } from "../../command.ts";
import { addExample, addExitCodes } from "../../options/help.ts";
import { addRunnerOptions, readRunnerOptions, type RunnerFlags } from "../../options/runner-options.ts";
import { addBoundOptions, addSettingOptions, readBounds, type BoundFlags } from "../../options/sync-options.ts";
import { createRunnerLog } from "../../runner-log.ts";
import { planSync } from "../sync/dry-run.ts";

type Options = BoundFlags & RunnerFlags & { dryRun?: boolean; json?: boolean };

/** Sync on a schedule, until stopped. */
export const command: CliCommand<Options> = {
  define(bare) {
    addRunnerOptions(bare);
    addSettingOptions(addBoundOptions(bare));
    bare.option("-n, --dry-run", "show what the first run would request and fetch; send and change nothing");
    bare.option("--json", "each run and event as one JSON document on a line; notes too, on stderr");
    addExitCodes(bare, [0, 2, 7, 8, 9, 130, 143], {
      2: "usage or configuration; no archive here; nothing tracked",
      0: "--dry-run: shown what would be done",
      8: "another sync or watch holds the archive",
    });
    return addExample(bare, 'producer-mirror watch --cron "0 * * * *"');
  },

  async run(context, _args, options) {
    const { output, signal } = context;
    const runnerOptions = { ...readRunnerOptions(options, "watch"), firstMustRun: true };
    const config = context.config();
    if (options.dryRun) return planSync(config, { ...readBounds(options), trigger: "watch" }, []);
    using log = createRunnerLog(output, { json: options.json === true || options.log === "json", to: "stdout" });
    const runner = await startRunner(config, runnerOptions, log.emit, () => context.config());
    const stop = () => void runner.stop(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
    await runner.done;
    return { exit: signalExitCode(signal) };
  },
};
