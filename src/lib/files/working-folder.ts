import { UsageError } from "../errors.ts";

/** The folder that the program was started in. Throws UsageError when it has been removed since. */
export function workingFolder(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new UsageError("the folder that this was started in no longer exists", {
      code: "no_working_folder",
      cause,
      hint: "change to another folder with cd",
    });
  }
}
