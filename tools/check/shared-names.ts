import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";

/** One line for each type of src/ whose name another file exports too: a name means one thing. */
export async function findSharedNames(root: string): Promise<string[]> {
  const homes = new Map<string, string[]>();
  for await (const path of glob("src/**/*.{ts,tsx}", { cwd: root })) {
    const text = await readFile(join(root, path), "utf8");
    for (const [, name = ""] of text.matchAll(/^export (?:type|interface|class|abstract class) (\w+)/gm))
      homes.set(name, [...(homes.get(name) ?? []), path]);
  }
  return [...homes]
    .filter(([, paths]) => paths.length > 1)
    .map(([name, paths]) => `the type ${name} is exported by ${paths.join(" and ")}; name each after what it holds`);
}
