import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PlantedBug } from "./planted-bugs.ts";

/** The files of `root` as the bug makes them, by path; throws when what it looks for is not there exactly once. */
export function applyBug(root: string, { name, patches }: PlantedBug): Map<string, string> {
  const changed = new Map<string, string>();
  for (const [file, find, put] of patches) {
    const text = changed.get(file) ?? readFileSync(join(root, file), "utf8");
    const times = text.split(find).length - 1;
    if (times !== 1) throw new Error(`"${name}" does not apply: ${times} times in ${file}: ${find.trim()}`);
    changed.set(
      file,
      text.replace(find, () => put),
    );
  }
  return changed;
}

/** Plants a bug in a copy of the project; dispose of it to take it out again. */
export function plantBug(root: string, bug: PlantedBug): Disposable {
  const changed = applyBug(root, bug);
  const before = [...changed.keys()].map((file) => [file, readFileSync(join(root, file))] as const);
  for (const [file, text] of changed) writeFileSync(join(root, file), text);
  return {
    [Symbol.dispose]: () => {
      for (const [file, bytes] of before) writeFileSync(join(root, file), bytes);
    },
  };
}
