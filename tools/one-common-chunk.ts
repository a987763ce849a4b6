import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Plugin } from "esbuild";

/** What the lists need is nearly what every command needs. */
const COMMON = ["src/cli/commands/clips.ts", "src/cli/commands/search/search.ts", "src/cli/commands/tasks.ts"];
/** Loaded before there is a command: `--version` and `--help` stay without the database. */
const ALONE = ["src/program.ts"];

/**
 * esbuild makes a chunk of each set of entries that share modules: 38 files for `search`, at a quarter of a millisecond
 * each. Here every module that is loaded late takes in the common ones, so these have one set, and become one chunk.
 */
export function oneCommonChunk(root: string): Plugin {
  const late = new Set(lateModules(root).filter((path) => !ALONE.includes(path)));
  const imports = COMMON.map((path) => `import ${JSON.stringify(join(root, path))};`).join("\n");
  return {
    name: "one-common-chunk",
    setup({ onLoad }) {
      onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) =>
        late.has(path.slice(root.length + 1))
          ? { contents: `${readFileSync(path, "utf8")}\n${imports}`, loader: "ts" }
          : undefined,
      );
    },
  };
}

/** Modules that `import("…")` names, as paths from the root. */
function lateModules(root: string): string[] {
  return globSync("src/**/*.ts", { cwd: root }).flatMap((path) =>
    Array.from(readFileSync(join(root, path), "utf8").matchAll(/\bimport\("(\.[^"]+)"\)/g), ([, name = ""]) =>
      join(dirname(path), name),
    ),
  );
}
