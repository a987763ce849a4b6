import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

/**
 * better-sqlite3's JavaScript goes into the bundle: its 13 small files took 5 ms to load, a twentieth of a short command.
 * Its native part stays in its own folder of node_modules, which is looked up where the library would have used
 * `__dirname`. `ownRequire` is in each chunk's banner.
 */
export const nativeInPlace: Plugin = {
  name: "native-in-place",
  setup({ onLoad }) {
    onLoad({ filter: /better-sqlite3\/lib\/binding\.js$/ }, async ({ path }) => {
      const contents = await readFile(path, "utf8");
      if (!contents.includes("__dirname")) throw new Error(`${path} finds its native part in a new way`);
      return { contents: `${contents.replaceAll("__dirname", "nativeFolder()")}\n${NATIVE_FOLDER}`, loader: "js" };
    });
  },
};

const NATIVE_FOLDER = `function nativeFolder() { return path.dirname(ownRequire().resolve("better-sqlite3")); }`;
