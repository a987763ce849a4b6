import { sleep } from "../../../lib/net/backoff.ts";
import type { CliCommand, Context } from "../../command.ts";
import { runCommand } from "../../run-command.ts";

/** Shows the demo: announces what comes next, types a command and runs it. */
export type Stage = {
  say(text: string): Promise<void>;
  type<Options extends object>(
    line: string,
    command: CliCommand<Options>,
    args: string[],
    options: Options,
  ): Promise<void>;
  /** Shows a command line that the demo runs itself. */
  line(text: string): void;
};

/** Long enough to read a line; nobody reads a pipe as it comes. */
const PAUSE_MS = 1300;

export function demoStage(context: Context, onFailure: (line: string, exit: number) => Error): Stage {
  const { output, signal } = context;
  const pause = () => (output.isInteractive ? sleep(PAUSE_MS, signal) : Promise.resolve());
  return {
    async say(text) {
      await pause();
      await output.flush();
      output.print(`\n# ${text}`);
    },
    line: (text) => output.print(`$ producer-mirror ${text}`),
    async type(line, command, args, options) {
      output.print(`$ producer-mirror ${line}`);
      await output.flush();
      const exit = await runCommand(command, context, args, options);
      if (exit !== 0) throw onFailure(line, exit);
    },
  };
}
