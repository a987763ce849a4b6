import type { MirrorError } from "../../lib/errors.ts";

/** For a person: the message, the hint, and with `verbose` the causes. */
export function errorLines(error: MirrorError, verbose: boolean): string[] {
  const hint = error.hint?.split("\n").map((line) => `  ${line}`) ?? [];
  return [error.message, ...hint, ...(verbose ? causes(error) : [])];
}

/** For a program: the field `error` of the JSON document. */
export function errorFields(error: MirrorError): { code: string; message: string; hint: string | null; exit: number } {
  return { code: error.code, message: error.message, hint: error.hint ?? null, exit: error.exit };
}

function causes(error: MirrorError): string[] {
  const lines: string[] = [];
  for (let cause = error.cause; cause instanceof Error && lines.length < 20; cause = cause.cause) {
    lines.push(...(cause.stack ?? cause.message).split("\n").map((line) => `  ${line}`));
  }
  return lines;
}
