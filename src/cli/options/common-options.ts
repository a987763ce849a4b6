import type { Command } from "commander";

/** The options that every command has, before and after its name. */
export function addCommonOptions(command: Command): Command {
  return command
    .optionsGroup("Options of every command:")
    .option("--home <folder>", "the archive's folder (PRODUCER_MIRROR_HOME, default ./data)")
    .option("-q, --quiet", "say nothing but errors")
    .option("-v, --verbose", "say more")
    .option("--no-progress", "no live progress")
    .helpOption("-h, --help", "show this help");
}
