import type { Command } from "commander";
import type { Config, Flags, ResolvedSetting } from "../config.ts";
import type { MirrorError } from "../lib/errors.ts";
import type { Output } from "../print/output/output.ts";

/** What every command is given: its settings, its output, and the signal by which a user stops it. */
export type Context = {
  /** Flags over environment over `.env`, checked; throws UsageError that names the bad variable. */
  config(flags?: Flags): Config;
  /** Each setting as text, and where it came from; throws as `config` does. */
  settings(): ResolvedSetting[];
  output: Output;
  /** Aborts at the first SIGINT or SIGTERM. */
  signal: AbortSignal;
};

/** What a command did. `run-command.ts` prints it and makes the exit code of it. */
export type Outcome = {
  /** What `--json` prints, with `dryRun: true` in front after `--dry-run` and with `error` behind on failure. */
  document?: object;
  /** The report for a person, on stdout. */
  lines?: string[];
  /** Lines on stderr below the report. */
  notes?: string[];
  /** Why not all is well although the work is done. It is printed last and decides the exit code. */
  error?: MirrorError | undefined;
  /** The exit code where there is no error; 0 unless given. */
  exit?: number;
};

/** A command by its name; its file is loaded only when it runs. */
export type CommandEntry = { name: string; alias?: string; summary: string; load: () => Promise<CliCommand> };

/** Each file of a command exports one of these as `command`; command-table.ts lists it. */
export type CliCommand<Options extends object = Record<string, unknown>> = {
  /** Commands below this one, such as the `songs` of `export songs`. */
  subcommands?: CommandEntry[];
  /** Its arguments may begin with one dash, such as `-loud`. See options/dashed-words.ts. */
  dashedWords?: true;
  /** Adds arguments, options, exit codes and an example to a bare commander command. */
  define(command: Command): Command;
  /**
   * Does the work. Returns what it did; nothing when it has printed everything itself and all is well. Throws
   * MirrorError for whatever ends it early.
   */
  run(context: Context, args: string[], options: Options): Promise<Outcome | void>;
};
