import { UsageError } from "../errors.ts";

/** The folder that the program was started in. Throws UsageError where it has been removed since: no path begins there any more. */
export function workingFolder(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new UsageError("the folder that this was started in is not there any more", {
      code: "no_working_folder",
      cause,
      hint: "go to another one with cd",
    });
  }
}
