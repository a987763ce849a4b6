import type { CliCommand } from "../command.ts";
import { startServer } from "../../server/serve.ts";
import { signalExitCode } from "../../print/output/interrupted.ts";
import { parseDuration } from "../../lib/time/durations.ts";
import { PASS_ON } from "../../server/pass-on/pass-on.ts";
import { oneOf } from "../../lib/text/option-words.ts";
import { makeWordOption } from "../options/option-values.ts";
import { addExample, addExitCodes } from "../options/help.ts";

type Options = { json?: boolean; requireKey?: boolean; rewriteUrls?: boolean; passOn?: string; maxAge: string };

const PASSED = {
  reads: "questions about tasks that are not here, or not settled, are passed on",
  all: "every call that the archive cannot answer is passed on, also those that are billed,",
};

/** The service: the library, the replay of the API, players and scripts, on one port. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.option("--listen <host:port>", "where to listen (PRODUCER_MIRROR_LISTEN, default 127.0.0.1:6464)");
    bare.option("--assets <folder>", "the folder of the files (PRODUCER_MIRROR_ASSETS, default <home>/assets)");
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
    bare.option("--max-age <time>", "/readyz answers 503 when the last complete run is older", "30m");
    bare.option("--json", "print the address as one JSON document");
    addExitCodes(bare, [0, 2, 4, 7, 9, 130, 143], { 0: "never: it runs until it is stopped" });
    return addExample(bare, "producer-mirror serve --listen 127.0.0.1:6464");
  },

  async run({ config, output, signal }, _args, options) {
    const { requireKey = false, rewriteUrls = false } = options;
    const maxAgeMs = parseDuration(options.maxAge, "--max-age") * 1000;
    const passOn = options.passOn === undefined ? undefined : oneOf(PASS_ON, options.passOn, "--pass-on");
    const settings = config();
    await using server = await startServer(settings, { requireKey, rewriteUrls, passOn, maxAgeMs });
    if (passOn) output.note(`${PASSED[passOn]} to ${settings.apiUrl}, with the caller's own token`);
    if (options.json) await output.jsonLine({ listening: { serve: server.url } });
    else output.print(server.url);
    await output.flush();
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve(), { once: true });
    });
    return { exit: signalExitCode(signal) };
  },
};
