import { chmod, cp, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { build, type Metafile } from "esbuild";
import { buildWeb } from "./build-web.ts";
import { bundledPackages, licenseText, refusedLicenses } from "./licenses.ts";
import { makeManPage } from "./make-man-page.ts";
import { oneCommonChunk } from "./one-common-chunk.ts";
import { nativeInPlace } from "./native-in-place.ts";
import { lateNodeModules } from "./node-modules-late.ts";

/** What the lists need is nearly what every command needs; `--version` and `--help` remain without the database. */
const COMMON = {
  sources: "src/**/*.ts",
  common: ["src/cli/commands/clips.ts", "src/cli/commands/search/search.ts", "src/cli/commands/tasks.ts"],
  alone: ["src/program.ts"],
};

/**
 * Bundles src/ into dist/, what users run. Chunks lie flat beside the entries, so that
 * `new URL("./x", import.meta.url)` means the same folder from everywhere. The native part of better-sqlite3 stays
 * outside; so does node-taglib-sharp, whose licence (LGPL) wants it to be replaceable.
 */
const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");
/** Beside node_modules' own caches: same disk as dist/, so that a rename puts the finished folder in place. */
const staging = join(root, "node_modules/.cache/producer-mirror", `dist-${process.pid}`);

const ENTRIES = {
  main: "src/main.ts",
  program: "src/program.ts",
  "sql-child": "src/query/sql/child.ts",
  "serve-worker": "src/server/workers/worker.ts",
  "serve-runner": "src/server/runner/runner-thread.ts",
};
/** Files that the code reads beside itself at run time. */
const COPIES = { "src/db/objects.sql": "objects.sql", "src/demo/library/media": "media" };
/** What makes smaller covers, from its package. */
const WASM = ["dec/mozjpeg_dec.wasm", "enc/mozjpeg_enc.wasm"];
/**
 * CommonJS libraries ask for node's own modules by `require`, which an ES module does not have. It is in every
 * chunk, so it is made where it is called.
 */
const REQUIRE = `
const ownRequire = () => process.getBuiltinModule("node:module").createRequire(import.meta.url);
const require = (id) => process.getBuiltinModule(id) ?? ownRequire()(id);`;

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

async function main(): Promise<void> {
  const started = performance.now();
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  try {
    const metafile = await bundle();
    const pages = await buildWeb(root, staging);
    refuseEarlyImports(metafile);
    refuseWriterInLists(metafile);
    await writeLicenses({ inputs: { ...metafile.inputs, ...pages.inputs }, outputs: metafile.outputs });
    await copyFiles();
    await writeFile(join(staging, "producer-mirror.1"), await makeManPage(root));
    await swap();
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  console.log(`dist/ built in ${Math.round(performance.now() - started)} ms`);
}

async function bundle(): Promise<Metafile> {
  const entries = Object.entries(ENTRIES).filter(([, path]) => existsSync(join(root, path)));
  const result = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(entries),
    outdir: staging,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22",
    entryNames: "[name]",
    chunkNames: "[name]-[hash]",
    external: ["node-taglib-sharp"],
    banner: { js: REQUIRE },
    plugins: [oneCommonChunk(root, COMMON), lateNodeModules, nativeInPlace],
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
  });
  if (existsSync(join(staging, "main.js"))) await chmod(join(staging, "main.js"), 0o755);
  return result.metafile;
}

/** main.js must load on a Node that is too old for everything else, or it cannot say so. */
function refuseEarlyImports(metafile: Metafile): void {
  const main = Object.entries(metafile.outputs).find(([path]) => path.endsWith("/main.js"))?.[1];
  const early = main?.imports.filter((one) => one.kind === "import-statement" && !one.path.startsWith("node:")) ?? [];
  if (early.length > 0)
    fail(
      "dist/main.js may import only node: statically",
      early.map((one) => one.path),
    );
}

/** What only reads starts without the code that writes: an eighth of its time. */
function refuseWriterInLists(metafile: Metafile): void {
  const common = Object.values(metafile.outputs).find(({ inputs }) => "src/cli/commands/clips.ts" in inputs);
  const writers = Object.keys(common?.inputs ?? {}).filter((path) => /^src\/(archive\/replay|record\/wire)/.test(path));
  if (writers.length > 0) fail("what `clips` loads at its start may not hold the writer: import it late", writers);
}

async function writeLicenses(metafile: Metafile): Promise<void> {
  const packages = bundledPackages(root, metafile);
  const refused = refusedLicenses(packages);
  if (refused.length > 0) fail("licences that the bundle may not carry", refused);
  await writeFile(join(staging, "THIRD-PARTY-LICENSES.txt"), licenseText(packages));
}

async function copyFiles(): Promise<void> {
  for (const name of WASM) {
    const from = createRequire(import.meta.url).resolve(`@jsquash/jpeg/codec/${name}`);
    await cp(from, join(staging, basename(name)));
  }
  for (const [from, to] of Object.entries(COPIES)) {
    if (existsSync(join(root, from))) await cp(join(root, from), join(staging, to), { recursive: true });
  }
}

/** A reader of dist/ sees the old folder or the new one, never half of either. */
async function swap(): Promise<void> {
  const old = `${staging}-old`;
  if (existsSync(dist)) await rename(dist, old);
  await rename(staging, dist);
  await rm(old, { recursive: true, force: true });
}

function fail(what: string, lines: string[]): never {
  throw new Error(`${what}:\n  ${lines.join("\n  ")}`);
}
