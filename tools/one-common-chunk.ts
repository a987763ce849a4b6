import { globSync, readFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import type { Plugin } from "esbuild";

export type CommonChunk = {
  /** The sources of the bundle, as a pattern from the root. */
  sources: string;
  /** Modules that nearly everything needs, with all that they import. */
  common: string[];
  /** Late modules that go without them. */
  alone?: string[];
};

/**
 * esbuild makes a chunk of each set of entries that share modules: 38 files for `search`, at a quarter of a millisecond
 * each. Here every module that is loaded late takes in the common ones, so these have one set, and become one chunk.
 */
export function oneCommonChunk(root: string, { sources, common, alone = [] }: CommonChunk): Plugin {
  const late = new Set(lateModules(root, sources).filter((path) => !alone.includes(path)));
  const imports = common.map((path) => `import ${JSON.stringify(join(root, path))};`).join("\n");
  return {
    name: "one-common-chunk",
    setup({ onLoad }) {
      onLoad({ filter: /\/src\/.*\.tsx?$/ }, ({ path }) =>
        late.has(path.slice(root.length + 1))
          ? { contents: `${readFileSync(path, "utf8")}\n${imports}`, loader: extname(path) === ".tsx" ? "tsx" : "ts" }
          : undefined,
      );
    },
  };
}

/** Modules that `import("…")` names, as paths from the root. */
function lateModules(root: string, sources: string): string[] {
  return globSync(sources, { cwd: root }).flatMap((path) =>
    Array.from(readFileSync(join(root, path), "utf8").matchAll(/\bimport\("(\.[^"]+)"\)/g), ([, name = ""]) =>
      join(dirname(path), name),
    ),
  );
}
