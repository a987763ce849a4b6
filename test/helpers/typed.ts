import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Shell } from "../../src/cli/completion/scripts.ts";

const START: Record<Shell, { command: string; setup: string }> = {
  bash: {
    command: "bash --norc --noprofile -i",
    setup: "source <(producer-mirror completion bash)",
  },
  zsh: {
    command: "zsh -f -i",
    setup: "autoload -U compinit; compinit -u -D; source <(producer-mirror completion zsh)",
  },
  fish: { command: "fish --no-config -i", setup: "producer-mirror completion fish | source" },
};

/** True where the shell is installed, and `script` of util-linux to give it a terminal. */
export function canType(shell: Shell): boolean {
  const script = spawnSync("script", ["--version"], { encoding: "utf8" }).stdout ?? "";
  return script.includes("util-linux") && spawnSync(shell, ["-c", "exit 0"]).status === 0;
}

/**
 * Types lines into a real interactive shell, each ended by Enter, a tab where it is to complete. Every line appends to
 * `record` when it runs: its text at the end is the result, once `lines` times `done` is in it.
 */
export async function typeInto(
  shell: Shell,
  lines: string[],
  { env, record }: { env: Record<string, string>; record: string },
): Promise<string> {
  const { command, setup } = START[shell];
  const child = spawn("script", ["-qfec", command, "/dev/null"], { env, cwd: env["HOME"] });
  let shown = "";
  child.stdout.on("data", (chunk: Buffer) => (shown += chunk.toString()));
  child.stdin.on("error", () => {});
  try {
    child.stdin.write(`${setup}\r`);
    child.stdin.write("producer-mirror ready\r");
    for (let at = 0; at <= lines.length; at++) {
      await until(
        () => recorded(record).length > at,
        () => `${shell} shows: ${JSON.stringify(shown.slice(-2000))}`,
      );
      if (at < lines.length) child.stdin.write(`${lines[at]}\r`);
    }
    return readFileSync(record, "utf8");
  } finally {
    child.kill("SIGKILL");
  }
}

/** What the program was run with, a list for each time. */
export function recorded(record: string): string[][] {
  if (!existsSync(record)) return [];
  const runs = readFileSync(record, "utf8").split("\u0002").slice(0, -1);
  return runs.map((run) => run.split("\u0001").slice(0, -1));
}

async function until(met: () => boolean, otherwise: () => string): Promise<void> {
  for (const end = Date.now() + 20_000; !met(); await sleep(20)) {
    if (Date.now() > end) throw new Error(otherwise());
  }
}
