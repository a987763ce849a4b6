import { EXIT } from "../lib/errors.ts";
import type { Output } from "../print/output/output.ts";
import type { CliCommand, Context, Outcome } from "./command.ts";

/** The options by which an outcome is printed. */
export type OutcomeOptions = { json?: boolean; format?: string; dryRun?: boolean };

/** Runs a command and prints what it did. Returns the exit code. Throws what the command throws. */
export async function runCommand<Options extends object>(
  command: CliCommand<Options>,
  context: Context,
  args: string[],
  options: Options,
): Promise<number> {
  const outcome = await command.run(context, args, options);
  return printOutcome(context.output, outcome ?? {}, options);
}

/**
 * The end of every command: its report or its one JSON document, then notes, then what went wrong. Returns the exit
 * code. Rejects with DiskError when stdout cannot be written.
 */
export async function printOutcome(output: Output, outcome: Outcome, options: OutcomeOptions): Promise<number> {
  const { document, lines = [], notes = [], error, exit = EXIT.ok } = outcome;
  const counts = options.dryRun ? { dryRun: true, ...document } : document;
  if (!wantsJson(options)) lines.forEach(output.print);
  else if (counts && !error) await output.json(counts);
  await output.flush();
  notes.forEach(output.note);
  if (error) await output.error(error, counts);
  return error?.exit ?? exit;
}

/** True when stdout is to be JSON. */
export function wantsJson({ json, format }: OutcomeOptions): boolean {
  return json === true || format === "json";
}
