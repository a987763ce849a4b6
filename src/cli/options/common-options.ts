import type { Command } from "commander";

/** The options that every command has, before and after its name. */
export function addCommonOptions(command: Command): Command {
  return command
    .optionsGroup("Options of every command:")
    .option("--home <folder>", "the archive's folder (PRODUCER_MIRROR_HOME, default ./data)")
    .option("-q, --quiet", "print only errors and results")
    .option("-v, --verbose", "print more details")
    .option("--no-progress", "show no progress")
    .helpOption("-h, --help", "show this help");
}
