import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A file of this many lines is asking to be two. */
const LONG = 200;

/** One line for each source file over 200 lines, the longest first. */
export async function findLongFiles(root: string): Promise<string[]> {
  const long: { path: string; lines: number }[] = [];
  for await (const path of glob("{src,test,tools,bench}/**/*.ts", { cwd: root })) {
    const lines = (await readFile(join(root, path), "utf8")).split("\n").length - 1;
    if (lines > LONG) long.push({ path, lines });
  }
  return long.sort((a, b) => b.lines - a.lines).map(({ path, lines }) => `       ${lines} lines: ${path}`);
}
