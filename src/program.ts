import { Command, CommanderError } from "commander";
import type { CliCommand } from "./cli/command.ts";
import { COMMANDS, findCommand } from "./cli/command-table.ts";
import { addCommonOptions } from "./cli/options/common-options.ts";
import { toFailure } from "./cli/failure.ts";
import { runCommand, wantsJson } from "./cli/run-command.ts";
import { asSentence, defineCommand } from "./cli/define-command.ts";
import { interruptedError } from "./print/output/interrupted.ts";
import { createOutput, type Output } from "./print/output/output.ts";
import { separateWords } from "./cli/options/dashed-words.ts";
import { wrapHelp } from "./print/output/wrap-help.ts";
import { loadConfig, readEnvironment, resolveSettings, type Flags } from "./config.ts";
import { EXIT, UsageError } from "./lib/errors.ts";
import { packageVersion } from "./lib/package-root.ts";
import { listenForSignals, type Signals } from "./lib/signals.ts";

type Options = Flags & { quiet?: boolean; verbose?: boolean; progress?: boolean; json?: boolean; format?: string };

/** What a command runs in: its settings, its output, and what asks it to end. */
export type ProgramContext = {
  env: Record<string, string | undefined>;
  cwd: () => string;
  output: Output;
  signals: Pick<Signals, "signal" | "exitCode">;
  /** The archive's folder, once a command has asked for it: errors of the disk name it. */
  home?: string;
};

/** Runs the command that the process was started with and sets the exit code. */
export async function main(argv: string[] = process.argv.slice(2)): Promise<void> {
  const { env, cwd } = readEnvironment();
  const output = createOutput({ stdout: process.stdout, stderr: process.stderr, env, json: argv.includes("--json") });
  // Listens to the very end: a signal while the last output is written must not kill what is complete.
  const signals = listenForSignals((line) => output.note(line));
  process.on("unhandledRejection", (reason) => void printFailure(reason, output).then((code) => process.exit(code)));
  process.exitCode = await runProgram(argv, { env, cwd, output, signals });
}

/**
 * Runs one command until all of its output is written. Returns its exit code: the one that its report gives, also when
 * a signal came after the work was done. Never throws.
 */
export async function runProgram(argv: string[], context: ProgramContext): Promise<number> {
  const { output, signals } = context;
  const code = await dispatch(argv, context).catch(async (error: unknown) => {
    const { signal } = signals;
    const thrown =
      error === signal.reason
        ? interruptedError(signal, "interrupted: what was finished is kept", "run it again")
        : error;
    const reported = await printFailure(thrown, output, context.home);
    return signals.exitCode ?? reported;
  });
  const failure = await output.close();
  return failure && code === EXIT.ok ? failure.exit : code;
}

async function dispatch(typed: string[], context: ProgramContext): Promise<number> {
  const program = new Command("producer-mirror");
  const argv = helpAsOption(typed);
  const chosen = findCommand(firstWord(argv) ?? "");
  // What comes before a command may ask for the help of all.
  const shown = chosen && argv[0] === firstWord(argv) ? [chosen] : COMMANDS;
  const loaded = chosen ? await chosen.load() : undefined;
  if (argv !== typed) refuseUnknownKind(argv, loaded);
  let code: number = EXIT.ok;
  let line: Line = { typed: argv };
  prepare(program, context.output);
  for (const { name, alias, summary } of shown) {
    const command = program.command(name).summary(summary).description(asSentence(summary));
    if (alias) command.alias(alias);
    if (!loaded || name !== chosen?.name) continue;
    await defineCommand(command, loaded, argv, async (one, its) => {
      code = await runConfigured(one, its, line.words ?? its.args, context);
    });
    if (loaded.dashedWords) line = withoutWords(argv, command);
  }
  if (argv.length === 0) program.outputHelp();
  else await parse(program, line.typed);
  return code;
}

/** `help sync` as `sync --help`: commander's own knows only the commands, and not what is in them. */
function helpAsOption(argv: string[]): string[] {
  const at = argv.indexOf("help");
  if (firstWord(argv) !== "help") return argv;
  const rest = argv.toSpliced(at, 1);
  const name = firstWord(rest);
  if (name === undefined || name === "help") return ["--help"];
  if (!findCommand(name)) throw usageError(`unknown command '${name}'`);
  return [...rest, "--help"];
}

function refuseUnknownKind(argv: string[], loaded: CliCommand | undefined): void {
  const kind = argv.filter((word) => !word.startsWith("-"))[1];
  if (kind !== undefined && loaded?.subcommands && !loaded.subcommands.some(({ name }) => name === kind))
    throw usageError(`unknown command '${argv.filter((word) => !word.startsWith("-")).join(" ")}'`);
}

/** What commander reads, and the words that it must not see. */
type Line = { typed: string[]; words?: string[] };

function withoutWords(argv: string[], command: Command): Line {
  const behind = argv.indexOf(firstWord(argv) ?? "") + 1;
  const { options, words } = separateWords(argv.slice(behind), command);
  return { typed: [...argv.slice(0, behind), ...options], words };
}

function prepare(program: Command, output: Output): void {
  program
    .description("Your own complete copy of the songs you made with Producer.")
    .version(packageVersion(), "-V, --version")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.print(wrapHelp(text, process.stdout.columns || 80)),
      writeErr: () => {},
    })
    .addHelpText(
      "after",
      "\nStart with `producer-mirror demo`, or `producer-mirror track <id>` and `producer-mirror sync`.",
    );
  addCommonOptions(program);
}

/** Applies the options of every command, and runs one. */
async function runConfigured(
  loaded: CliCommand,
  command: Command,
  args: string[],
  context: ProgramContext,
): Promise<number> {
  const { env, cwd, output, signals } = context;
  const options = command.optsWithGlobals<Options>();
  output.configure({
    json: wantsJson(options),
    quiet: options.quiet === true,
    verbose: options.verbose === true,
    progress: options.progress !== false,
  });
  const warned = new Set<string>();
  const config = (flags: Flags = {}) => {
    const loadedConfig = loadConfig({ ...options, ...flags }, env, cwd());
    context.home = loadedConfig.home;
    for (const warning of loadedConfig.warnings) if (!warned.has(warning)) output.note(`warning: ${warning}`);
    for (const warning of loadedConfig.warnings) warned.add(warning);
    return { ...loadedConfig, note: output.note };
  };
  const settings = () => resolveSettings(options, env, cwd());
  return runCommand(loaded, { config, settings, output, signal: signals.signal }, args, options);
}

async function parse(program: Command, argv: string[]): Promise<void> {
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return;
    throw usageError(error.message);
  }
}

/** The value of an unknown option may be a secret: only its name is repeated. */
function usageError(text: string): UsageError {
  const message = text
    .replace(/^error: /, "")
    .replace(/(unknown option '[^'=]*)=.*'/s, "$1'")
    .replaceAll("\n", " ");
  const hint = /^unknown option '-+(t|.*(token|key).*)'/i.test(message)
    ? "the token is read from ACEDATACLOUD_API_TOKEN or .env, never from a flag: that would show in the process list"
    : "`producer-mirror --help` lists the commands, `producer-mirror <command> --help` its options";
  return new UsageError(message, { hint });
}

/** The first word that is no option and no option's value: the command. */
function firstWord(argv: string[]): string | undefined {
  const index = argv.findIndex((word, at) => !word.startsWith("-") && argv[at - 1] !== "--home");
  return argv[index];
}

async function printFailure(thrown: unknown, output: Output, home?: string): Promise<number> {
  const error = toFailure(thrown, home);
  await output.error(error);
  return error.exit;
}
