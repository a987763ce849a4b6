import type { Command } from "commander";
import type { Config, Flags, ResolvedSetting } from "../config.ts";
import type { Output } from "../print/output/output.ts";

/** What every command is given: its settings, its voice, and the signal that a person wants it to stop. */
export type Context = {
  /** Flags over environment over `.env`, checked; throws UsageError that names the bad variable. */
  config(flags?: Flags): Config;
  /** Each setting, in words, and where it came from; throws as `config` does. */
  settings(): ResolvedSetting[];
  output: Output;
  /** Aborts at the first SIGINT or SIGTERM. */
  signal: AbortSignal;
};

/** A command by its name; its file is loaded only when it runs. */
export type CommandEntry = { name: string; alias?: string; summary: string; load: () => Promise<CliCommand> };

/** One file a command exports one of these as `command`; commands.ts names it, program.ts runs it. */
export type CliCommand<Options extends object = Record<string, unknown>> = {
  /** Commands of their own below this one, such as the `songs` of `export songs`. */
  subcommands?: CommandEntry[];
  /** Takes words that begin with a dash and are no options of it, such as `-loud`; `long`: also with two. See signed-words.ts. */
  dashedWords?: "short" | "long";
  /** Adds arguments, options, `exitCodes` and an example to a bare commander command. */
  define(command: Command): Command;
  /** Returns the exit code; throws MirrorError for everything that ends it early. */
  run(context: Context, args: string[], options: Options): Promise<number>;
};
