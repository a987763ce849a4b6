import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { Command, CommanderError } from "commander";
import { findCommand } from "../../src/cli/command-table.ts";
import { separateWords } from "../../src/cli/options/dashed-words.ts";
import { defineCommand } from "../../src/cli/define-command.ts";
import { createOutput } from "../../src/print/output/output.ts";
import { loadConfig, resolveSettings } from "../../src/config.ts";
import { EXIT, MirrorError, UsageError } from "../../src/lib/errors.ts";
import { toStorageError } from "../../src/lib/files/storage-errors.ts";

export type Ran = { stdout: string; stderr: string; exitCode: number };
type Options = { json?: boolean; format?: string; quiet?: boolean; home?: string };

/** Runs a command in this process as program.ts does: a second faster than a process of its own. */
export async function runCommand(
  home: string,
  [name = "", ...args]: string[],
  env: Record<string, string> = {},
): Promise<Ran> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const texts = [text(stdout), text(stderr)];
  const output = createOutput({ stdout, stderr, env: {}, json: args.includes("--json") });
  let exitCode = 0;
  let words: string[] | undefined;
  try {
    const loaded = await findCommand(name)?.load();
    if (!loaded) throw new UsageError(`unknown command ${name}`);
    const top = new Command(name).exitOverride().configureOutput({ writeErr: () => {} });
    await defineCommand(top, loaded, args, async (one, command) => {
      const options = command.optsWithGlobals<Options>();
      output.configure({ json: options.json === true || options.format === "json", quiet: options.quiet === true });
      const config = (flags = {}) => loadConfig({ ...options, ...flags }, env, home);
      const settings = () => resolveSettings(options, env, home);
      exitCode = await one.run(
        { config, settings, output, signal: new AbortController().signal },
        words ?? command.args,
        options,
      );
    });
    const separated = loaded.dashedWords && separateWords(args, top, loaded.dashedWords === "long");
    words = separated?.words;
    await top.parseAsync(["--home", home, ...(separated?.options ?? args)], { from: "user" });
  } catch (error) {
    const failure = toFailure(error);
    await output.error(failure);
    exitCode = failure.exit;
  }
  await output.close();
  stdout.end();
  stderr.end();
  const [out = "", err = ""] = await Promise.all(texts);
  return { stdout: out, stderr: err, exitCode };
}

/** As program.ts maps what was thrown. */
function toFailure(thrown: unknown): MirrorError {
  const error = toStorageError(thrown);
  if (error instanceof MirrorError) return error;
  const { message } = error as Error;
  if (error instanceof CommanderError) return new UsageError(message);
  return new MirrorError("unexpected", EXIT.unexpected, `unexpected: ${message}`, { cause: error });
}
