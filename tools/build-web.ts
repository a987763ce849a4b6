import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build, type Metafile } from "esbuild";
import { oneCommonChunk } from "./one-common-chunk.ts";

/** What the first view needs: views that are loaded later share it as one file. */
const COMMON = { sources: "src/web/**/*.tsx", common: ["src/web/parts/frame/shell.tsx", "src/web/views/library.tsx"] };

/** Bundles the library's pages, `src/web/`, into `<folder>/web`: a page, one script and one sheet of styles, with hashed names. */
export async function buildWeb(root: string, folder: string): Promise<Metafile> {
  const outdir = join(folder, "web");
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { main: "src/web/main.tsx" },
    tsconfig: "src/web/tsconfig.json",
    outdir,
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: ["chrome125", "firefox128", "safari18"],
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    loader: { ".svg": "text" },
    plugins: [oneCommonChunk(root, COMMON)],
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
  });
  const names = Object.keys(metafile.outputs).map((path) => basename(path));
  const page = await readFile(join(root, "src/web/index.html"), "utf8");
  const named = page.replaceAll(/(href|src)="main\.(css|js)"/g, (_all, attribute: string, kind: string) => {
    const name = names.find((one) => one.startsWith("main-") && one.endsWith(`.${kind}`));
    if (name === undefined) throw new Error(`the pages have no main.${kind}`);
    return `${attribute}="/assets/${name}"`;
  });
  await writeFile(join(outdir, "index.html"), named.replace("</head>", `${preloads(metafile)}  </head>`));
  return metafile;
}

/** The chunks that the first script imports, asked for together with it. */
function preloads({ outputs }: Metafile): string {
  const main = Object.values(outputs).find(({ entryPoint }) => entryPoint === "src/web/main.tsx");
  const chunks = main?.imports.filter(({ kind }) => kind === "import-statement") ?? [];
  return chunks.map(({ path }) => `  <link rel="modulepreload" href="/assets/${basename(path)}" />\n  `).join("");
}
