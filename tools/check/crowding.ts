import { glob, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A folder of more files than this is a list, not a room. */
const MOST_FILES = 25;
/** A room that holds more of src/ than this is several rooms. */
const MOST_SHARE = 0.15;

/** One line for each folder of src/, test/, tools/ and bench/ with too many files, and each room of src/ that is too large. */
export async function findCrowding(root: string): Promise<string[]> {
  const files = new Map<string, number>();
  const lines = new Map<string, number>();
  for await (const path of glob("{src,test,tools,bench}/**/*.{ts,tsx}", { cwd: root })) {
    files.set(dirname(path), (files.get(dirname(path)) ?? 0) + 1);
    const [top = "", room = ""] = path.split("/");
    if (top !== "src") continue;
    const text = await readFile(join(root, path), "utf8");
    lines.set(room, (lines.get(room) ?? 0) + text.split("\n").length - 1);
  }
  const total = [...lines.values()].reduce((sum, count) => sum + count, 0);
  return [
    ...[...files]
      .filter(([, count]) => count > MOST_FILES)
      .map(
        ([folder, count]) =>
          `${folder}/: ${count} files, at most ${MOST_FILES}; give those that belong together a folder`,
      ),
    ...[...lines]
      .filter(([, count]) => count > total * MOST_SHARE)
      .map(
        ([room, count]) => `src/${room}/: ${percent(count / total)} of src, at most ${percent(MOST_SHARE)}; divide it`,
      ),
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}
