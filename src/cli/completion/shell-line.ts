/** A command line up to the cursor: whole words without their quotes, and the unfinished one as typed. */
export type ShellLine = { words: string[]; raw: string };

/** Splits a line as bash does, but expands nothing: `$x` and `$(x)` stay the characters that they are. */
export function splitShellLine(line: string): ShellLine {
  const ends = [...line.matchAll(/(?:\\[^]?|'[^']*(?:'|$)|"(?:\\[^]|[^"\\])*(?:"|\\?$)|[^\s\\'"])+/g)];
  const last = ends.at(-1);
  const typing = last !== undefined && last.index + last[0].length === line.length;
  const whole = typing ? ends.slice(0, -1) : ends;
  return { words: whole.map(([raw]) => unquote(raw)), raw: typing ? last[0] : "" };
}

/** A word as its program is given it; quotes that are still open count as closed. */
export function unquote(raw: string): string {
  return raw.replace(
    /\\([^]?)|'([^']*)'?|"((?:\\[^]|[^"\\])*)\\?"?/g,
    (_all, escaped?: string, single?: string, double?: string) =>
      escaped ?? single ?? (double ?? "").replace(/\\([\\"$`])/g, "$1"),
  );
}

/**
 * A value as bash reads it back, in the quotes that `raw` has open (readline closes them itself). Undefined where it
 * cannot go on from `raw`, or cannot be written so: in double quotes bash expands `!` whatever comes before it.
 */
export function quoteLike(raw: string, value: string): string | undefined {
  const before = /^(?:\\[^]|'[^']*'|"(?:\\[^]|[^"\\])*"|[^\\'"])*/.exec(raw)?.[0] ?? "";
  const open = raw[before.length];
  if (open !== "'" && open !== '"') return value.replace(/[^\w@%+=:,./\p{L}\p{N}-]/gu, "\\$&");
  const whole = unquote(before);
  const rest = value.slice(whole.length);
  if (!value.startsWith(whole) || (open === '"' && rest.includes("!"))) return undefined;
  return before + open + (open === "'" ? rest.replaceAll("'", `'\\''`) : rest.replace(/[\\"$`]/g, "\\$&"));
}
