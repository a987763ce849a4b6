import type { CliCommand } from "../command.ts";
import { startServer } from "../../server/serve.ts";
import { signalExitCode } from "../../print/output/interrupted.ts";
import { parseDuration } from "../../lib/time/durations.ts";
import { PASS_ON } from "../../server/pass-on/pass-on.ts";
import { oneOf } from "../../lib/text/option-words.ts";
import { makeWordOption } from "../options/option-values.ts";
import { longestGap } from "../../sync/next-run.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import { addRunnerOptions, readRunnerOptions, type RunnerFlags } from "../options/runner-options.ts";
import { addBoundOptions, addSettingOptions, type BoundFlags } from "../options/sync-options.ts";
import { createRunnerLog } from "../runner-log.ts";
import { untilStopped } from "../until-stopped.ts";

type Options = RunnerFlags &
  BoundFlags & {
    json?: boolean;
    requireKey?: boolean;
    rewriteUrls?: boolean;
    passOn?: string;
    maxAge?: string;
    watch?: boolean;
    receive?: boolean;
    trackNew?: boolean;
  };

const PASSED = {
  reads: "questions about tasks that are not here, or not settled, are passed on",
  all: "every call that the archive cannot answer is passed on, also those that are billed,",
};

/** The service: the library, the replay of the API, players and scripts, on one port. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.option("--listen <host:port>", "where to listen (PRODUCER_MIRROR_LISTEN, default 127.0.0.1:6464)");
    bare.option("--allowed-hosts <hosts>", "names by which it may be called (PRODUCER_MIRROR_ALLOWED_HOSTS)");
    bare.option("--require-key", "ask for a key on a loopback address too");
    bare.option("--rewrite-urls", "in replayed records, name this server instead of the original of stored files");
    bare.addOption(
      makeWordOption(
        "--pass-on <calls>",
        "ask the API, with the caller's own token: reads (what is not here), all",
        PASS_ON,
      ),
    );
    bare.option("--max-age <time>", "/readyz answers 503 when the last complete run is older (default twice --cron)");
    bare.option("--watch", "keep the archive up to date, as `watch` does");
    bare.option("--receive", "take callbacks, as `receive` does, on a port of their own");
    bare.option("--receive-listen <host:port>", "where (PRODUCER_MIRROR_RECEIVE_LISTEN, default 127.0.0.1:6465)");
    bare.option("--public-url <url>", "how the outside reaches the receiver (PRODUCER_MIRROR_PUBLIC_URL)");
    bare.option("--track-new", "with --receive: track ids of callbacks that are not tracked yet");
    addRunnerOptions(bare);
    addSettingOptions(addBoundOptions(bare));
    bare.option("--json", "print the addresses as one JSON document");
    addExitCodes(bare, [0, 2, 4, 7, 8, 9, 130, 143], {
      0: "never: it runs until it is stopped",
      8: "--watch while another watch keeps this archive up to date",
    });
    return addExample(bare, "producer-mirror serve --watch --receive");
  },

  async run({ config, output, signal }, _args, options) {
    const { requireKey = false, rewriteUrls = false, trackNew = false, json = false } = options;
    const runner = readRunnerOptions(options, "serve");
    const passOn = options.passOn === undefined ? undefined : oneOf(PASS_ON, options.passOn, "--pass-on");
    const settings = config();
    // With these, ids come by themselves: nobody has to track one first.
    const idsCome = passOn !== undefined || (options.receive === true && trackNew);
    using log = createRunnerLog(output, { json: options.log === "json", to: "stderr" });
    await using server = await startServer(settings, {
      requireKey,
      rewriteUrls,
      passOn,
      mayBeginEmpty: idsCome,
      maxAgeMs: maxAge(options),
      runner: { ...runner, schedule: options.watch ? runner.schedule : undefined, mayBeEmpty: idsCome },
      receive: options.receive ? { trackNew } : undefined,
      settings: () => config(),
      note: (message) => log.emit({ type: "note", message }),
      onRunner: log.emit,
    });
    if (passOn) output.note(`${PASSED[passOn]} to ${settings.apiUrl}, with the caller's own token`);
    const listening = { serve: server.url, ...(server.receiveUrl && { receive: server.receiveUrl }) };
    if (json) await output.jsonLine({ listening });
    else for (const url of Object.values(listening)) output.print(url);
    await output.flush();
    await untilStopped(signal, server.ended);
    return { exit: signalExitCode(signal) };
  },
};

/** Twice the schedule, also when another process runs it. */
function maxAge({ maxAge, cron, timezone }: Options): number {
  return maxAge === undefined ? 2 * longestGap(cron, timezone) : parseDuration(maxAge, "--max-age") * 1000;
}
