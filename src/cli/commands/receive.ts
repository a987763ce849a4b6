import type { Config } from "../../config.ts";
import { openForReading } from "../../app/archive.ts";
import { ensureArchive } from "../../app/write-archive.ts";
import { UpstreamError, UsageError } from "../../lib/errors.ts";
import { signalExitCode } from "../../print/output/interrupted.ts";
import { startReceiver } from "../../server/receive/receiver.ts";
import { currentSecret, rotateSecret } from "../../server/receive/secret-file.ts";
import { addressHere, testAddress } from "../../server/receive/test-address.ts";
import { startRemoteRunner } from "../../server/runner/remote-runner.ts";
import type { CliCommand, Context, Outcome } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import { makeWordOption } from "../options/option-values.ts";
import { addSettingOptions } from "../options/sync-options.ts";
import { createRunnerLog } from "../runner-log.ts";
import { untilStopped } from "../until-stopped.ts";

type Options = {
  url?: boolean;
  rotate?: boolean;
  test?: boolean;
  trackNew?: boolean;
  log?: string;
  json?: boolean;
};

/** Takes the callbacks of the service, on a port of its own. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.option("--url", "print the address to give as callback_url, and nothing else");
    bare.option("--rotate", "make a new secret and print the new address; the old one is valid for 7 more days");
    bare.option("--test", "send a canary through the public URL, and say where it stopped");
    bare.option("--track-new", "take callbacks of ids that are not tracked yet, and track them");
    bare.option(
      "--receive-listen <host:port>",
      "where to listen (PRODUCER_MIRROR_RECEIVE_LISTEN, default 127.0.0.1:6465)",
    );
    bare.option("--public-url <url>", "how the outside reaches it (PRODUCER_MIRROR_PUBLIC_URL)");
    bare.option("--allowed-hosts <hosts>", "more names by which it may be called (PRODUCER_MIRROR_ALLOWED_HOSTS)");
    addSettingOptions(bare);
    bare.addOption(makeWordOption("--log <form>", "text or json: how events and notes are written", ["text", "json"]));
    bare.option("--json", "print the address as one JSON document");
    addExitCodes(bare, [0, 2, 4, 5, 7, 9, 130, 143], {
      0: "with --url, --rotate, --test: done",
      5: "--test: the receiver was not reached",
    });
    return addExample(bare, "producer-mirror receive --public-url https://songs.example.org");
  },

  async run(context, _args, options) {
    const chosen = (["url", "rotate", "test"] as const).filter((name) => options[name]);
    if (chosen.length > 1) throw new UsageError(`--${chosen.join(" and --")} exclude each other`);
    const config = context.config();
    if (options.trackNew) ensureArchive(config);
    (await openForReading(config))[Symbol.dispose]();
    if (options.url || options.rotate) return printAddress(config, options.rotate === true);
    if (options.test) return testPublic(config);
    return receive(context, config, options);
  },
};

function printAddress(config: Config, isNew: boolean): Outcome {
  const base = requirePublicUrl(config);
  const { secret } = isNew ? rotateSecret(config.home, Date.now()) : currentSecret(config.home, Date.now());
  const url = `${base}/callbacks/${secret}`;
  const notes = isNew ? ["the address before is valid for 7 more days"] : [];
  return { document: { url }, lines: [url], notes };
}

/** First on this machine, then from outside: so it is known on which side it stopped. */
async function testPublic(config: Config): Promise<Outcome> {
  const base = requirePublicUrl(config);
  const { secret } = currentSecret(config.home, Date.now());
  const nearby = await testAddress(addressHere(config), secret);
  const outside = await testAddress(base, secret);
  if (!outside) return { document: { reached: base }, lines: [`a callback sent to ${base} reaches the receiver`] };
  const local = nearby ? `; on this machine: ${nearby.message}` : "; on this machine it answers";
  return { error: new UpstreamError(`${outside.message}${local}`, { code: "not_reached", hint: outside.hint }) };
}

async function receive(context: Context, config: Config, { trackNew = false, log, json = false }: Options) {
  const { output, signal } = context;
  if (log !== undefined && log !== "text" && log !== "json")
    throw new UsageError(`--log is "${log}"; it takes text or json`);
  using written = createRunnerLog(output, { json: log === "json" || json, to: "stderr" });
  const note = (message: string) => written.emit({ type: "note", message });
  await using runner = await startRemoteRunner(config, {
    options: { name: "receive", schedule: undefined, bounds: {} },
    trackNew,
    emit: written.emit,
    settings: () => context.config(),
  });
  await using receiver = await startReceiver(config, runner, note);
  if (json) await output.jsonLine({ listening: { receive: receiver.url } });
  else output.print(receiver.url);
  await output.flush();
  await untilStopped(signal, runner.ended);
  return { exit: signalExitCode(signal) };
}

function requirePublicUrl({ publicUrl }: Config): string {
  if (publicUrl !== undefined) return publicUrl;
  throw new UsageError("no public URL is set", {
    code: "no_public_url",
    hint: "set PRODUCER_MIRROR_PUBLIC_URL or --public-url to the address of your tunnel or proxy; see docs/receive.md",
  });
}
