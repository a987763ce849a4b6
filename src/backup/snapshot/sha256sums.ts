import { join } from "node:path";
import { readText } from "../../lib/files/read.ts";

/** In the folder of the files that it lists; `sha256sum -c SHA256SUMS` reads it. */
export const SUMS_FILE = "SHA256SUMS";

/** sha256 in lower-case hex by path: relative to the folder of the list, forward slashes. */
export type Sums = Map<string, string>;

/** Only names that this program gives: a list from elsewhere must not lead out of its folder. */
const LISTED =
  /^(archive\.db|backup\.json|journal\/[\w-][\w.-]*|queries\/[a-z0-9_-]{1,64}\.sql|unreadable\/[0-9a-f-]{36}\.json|assets\/\.producer-mirror|assets\/[\w-][\w.-]*\/[\w-][\w.-]*)$/;

/** Whether a list may have this path. */
export function isListable(path: string): boolean {
  return LISTED.test(path);
}

/** The list as text, sorted by path, in the form that `sha256sum` writes for files read as text. */
export function formatSums(sums: Sums): string {
  const lines = [...sums].map(([path, sha256]) => `${sha256}  ${path}\n`);
  return lines.toSorted((one, other) => (one.slice(66) < other.slice(66) ? -1 : 1)).join("");
}

/** Reads a list; `bad` has the lines, cut to 200 characters, with another form or a name that this program does not give. */
export function parseSums(text: string): { sums: Sums; bad: string[] } {
  const sums: Sums = new Map();
  const bad: string[] = [];
  for (const line of text.split("\n").slice(0, text.endsWith("\n") ? -1 : undefined)) {
    const [, sha256, path] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
    if (sha256 === undefined || path === undefined || !isListable(path) || sums.has(path)) bad.push(line.slice(0, 200));
    else sums.set(path, sha256);
  }
  return { sums, bad };
}

/** Two million lines. */
const MOST_BYTES = 256e6;

/** The list of a folder, or `why` there is none. Throws DiskError. */
export async function readSums(folder: string): Promise<ReturnType<typeof parseSums> & { why?: string }> {
  const read = await readText(join(folder, SUMS_FILE), MOST_BYTES);
  return "text" in read ? parseSums(read.text) : { sums: new Map(), bad: [], why: read.why };
}
