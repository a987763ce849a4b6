import type { Command } from "commander";
import type { RunnerOptions } from "../../app/runner/runner-types.ts";
import { UsageError } from "../../lib/errors.ts";
import { parseDuration } from "../../lib/time/durations.ts";
import { checkSchedule } from "../../sync/on-schedule.ts";
import { makeWordOption } from "./option-values.ts";
import { readBounds, type BoundFlags } from "./sync-options.ts";

export type RunnerFlags = {
  cron: string;
  timezone: string;
  jitter?: string;
  exec?: string;
  ping?: string;
  log?: string;
};

/** Adds when a process that goes on runs, and whom it tells. */
export function addRunnerOptions(command: Command): Command {
  return command
    .option("--cron <schedule>", "when to run: five fields as in cron, or six with seconds first", "*/15 * * * *")
    .option("--timezone <name>", "time zone of the schedule, such as Europe/Berlin", "UTC")
    .option("--jitter <time>", "start each run up to this much later, such as 2m")
    .option(
      "--exec <command>",
      "run this for each event, without a shell: words split at blanks, or a JSON array; the event is JSON on its stdin",
    )
    .option("--ping <url>", "request this address (GET) after each complete run")
    .addOption(makeWordOption("--log <form>", "text or json: how events and notes are written", ["text", "json"]));
}

/** Throws UsageError that names the bad option. */
export function readRunnerOptions(flags: RunnerFlags & BoundFlags, name: string): RunnerOptions {
  const { cron, timezone, jitter, exec, ping, log } = flags;
  checkSchedule({ cron, timezone });
  if (log !== undefined && log !== "text" && log !== "json")
    throw new UsageError(`--log is "${log}"; it takes text or json`);
  const jitterMs = jitter === undefined ? 0 : parseDuration(jitter, "--jitter") * 1000;
  return {
    name,
    schedule: { cron, timezone, jitterMs },
    bounds: readBounds(flags),
    exec: exec === undefined ? undefined : readCommand(exec),
    ping: ping === undefined ? undefined : readUrl(ping),
  };
}

/** A JSON array of words, or words between blanks: no quotes, variables or patterns mean anything. */
function readCommand(text: string): string[] {
  const words = text.trim().startsWith("[") ? parseWords(text) : text.split(/\s+/).filter(Boolean);
  if (words && words.length > 0 && words[0] !== "") return words;
  throw new UsageError(`--exec is "${text}"; it takes a program and its arguments, or a JSON array of them`, {
    hint: `for blanks within a word: --exec '["/usr/local/bin/tell me.sh", "songs"]'`,
  });
}

function parseWords(text: string): string[] | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return Array.isArray(value) && value.every((word) => typeof word === "string" && !word.includes("\0"))
      ? (value as string[])
      : undefined;
  } catch {
    return undefined;
  }
}

/** The address may hold a secret, so a bad one is not repeated. */
function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return url.href;
  throw new UsageError("--ping takes an http or https address, such as https://hc-ping.com/<id>");
}
