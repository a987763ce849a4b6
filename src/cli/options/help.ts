import type { Command } from "commander";
import type { ExitCode } from "../../lib/errors.ts";

/** What each exit code means, as the help of a command says it; the whole table is in docs/configuration.md. */
const MEANINGS: Record<ExitCode, string> = {
  0: "everything asked for is done",
  1: "an unexpected failure",
  2: "usage or configuration; no archive here",
  3: "incomplete: the next run continues from here",
  4: "damage found",
  5: "upstream or network: try later",
  6: "refused by the API: a retry will not help",
  7: "local disk or permission",
  8: "another run holds the archive",
  9: "the archive's schema is newer, foreign, or could not be migrated",
  10: "a query was refused, or exceeded its time or memory limit",
  130: "interrupted (SIGINT)",
  143: "interrupted (SIGTERM)",
};

/** Adds the exit codes to a command's help; `meanings` says it in the command's own words. */
export function addExitCodes(
  command: Command,
  codes: ExitCode[],
  meanings: Partial<Record<ExitCode, string>> = {},
): Command {
  const lines = codes.map((code) => `  ${String(code).padStart(3)}  ${meanings[code] ?? MEANINGS[code]}`);
  return command.addHelpText("after", `\nExit codes:\n${lines.join("\n")}`);
}

/** Adds an example to a command's help. */
export function addExample(command: Command, line: string): Command {
  return command.addHelpText("after", `\nExample:\n  $ ${line}`);
}
