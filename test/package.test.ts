import { existsSync } from "node:fs";
import { glob, readdir, readFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const olderNode = await findOlderNode();
const readJson = async (path: string) => JSON.parse(await readFile(join(root, path), "utf8"));

describe("what is published", () => {
  it("N155: the bundle, the migrations and the papers, nothing else", async () => {
    const { stdout } = await execa("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: root });
    const files = (JSON.parse(stdout) as [{ files: { path: string }[] }])[0].files.map((one) => one.path);
    const pages = (await readdir(join(root, "docs"))).map((name) => `docs/${name}`);
    const deploy = (await readdir(join(root, "deploy"))).map((name) => `deploy/${name}`);
    const papers = ["CHANGELOG.md", "LICENSE", "README.md", ...deploy, ...pages, "package.json"].sort();
    expect(
      files.filter((path) => !/^(dist\/|migrations\/(\d+_[\w-]+\.sql|meta\/_journal\.json)$)/.test(path)).sort(),
    ).toEqual(papers);
    expect(files).toEqual(
      expect.arrayContaining([
        "dist/main.js",
        "dist/objects.sql",
        "dist/producer-mirror.1",
        "dist/THIRD-PARTY-LICENSES.txt",
      ]),
    );
    expect(files.filter((path) => /\.env|\.ts$|\.map$|\.db$|fixture/.test(path))).toEqual([]);
  });

  it("has a version that the changelog can speak of and one dependency", async () => {
    const manifest = await readJson("package.json");
    expect(Object.keys(manifest.dependencies)).toEqual(["better-sqlite3"]);
    // npm links pages of a list alone.
    expect(manifest.man.map((path: string) => existsSync(join(root, path)))).toEqual([true]);
    expect(await readFile(join(root, "CHANGELOG.md"), "utf8")).toMatch(/^## (Unreleased|\d)/m);
  });
});

describe("the bundle", () => {
  it("starts with a file that any Node can read", async () => {
    const main = await readFile(join(root, "dist/main.js"), "utf8").catch(() => "");
    expect(main, "npm run build makes dist/").toMatch(/^#!\/usr\/bin\/env node\n/);
    const early = [...main.matchAll(/^(?:import|export)\b.*?from "([^"]+)"/gm)].map(([, from = ""]) => from);
    expect(early.filter((from) => !from.startsWith("node:"))).toEqual([]);
    // A name that an older node: module lacks is a SyntaxError before the first line runs.
    const names = [...main.matchAll(/^import \{([^}]*)\}/gm)].map(([, list = ""]) => list.split(" as ")[0]?.trim());
    expect(names).toEqual([]);
  });

  it.skipIf(olderNode === undefined)("N156: says in one line that a Node is too old", async () => {
    const { exitCode, stderr, stdout } = await execa(olderNode ?? "", ["dist/main.js"], { cwd: root, reject: false });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toMatch(/^producer-mirror needs Node 22\.19 or newer.*$/);
  });

  it("runs, and says what is in it", async () => {
    const { version } = await readJson("package.json");
    const { stdout } = await execa(join(root, "dist/main.js"), ["--version"], { preferLocal: true, localDir: root });
    expect(stdout).toBe(version);
    const licenses = await readFile(join(root, "dist/THIRD-PARTY-LICENSES.txt"), "utf8");
    expect(licenses).toMatch(/^commander [\d.]+ \(MIT\)$/m);
    expect(licenses).toMatch(/^better-sqlite3 [\d.]+ \(MIT\)$/m);
    expect(await readdir(join(root, "dist"))).not.toContainEqual(expect.stringMatching(/\.node$/));
  });
});

type Locked = { integrity?: string; resolved?: string; link?: boolean };

describe("what is installed", () => {
  it("N151: every locked package has its digest and comes from the registry", async () => {
    const { packages } = (await readJson("package-lock.json")) as { packages: Record<string, Locked> };
    const locked = Object.entries(packages).filter(([path]) => path !== "");
    expect(locked.length).toBeGreaterThan(50);
    expect(locked.filter(([, one]) => !one.integrity?.startsWith("sha512-")).map(([path]) => path)).toEqual([]);
    expect(locked.filter(([, one]) => one.resolved !== undefined || one.link).map(([path]) => path)).toEqual([]);
  });

  it("N151: no dependency is a URL, a folder or a range without an end", async () => {
    const { dependencies, devDependencies } = await readJson("package.json");
    const ranges = Object.entries<string>({ ...dependencies, ...devDependencies });
    expect(ranges.filter(([, range]) => !/^\^?\d+(\.\d+){0,2}(-[\w.]+)?$/.test(range))).toEqual([]);
  });

  it("N152: only packages that allowScripts names would run a script at install", async () => {
    const { allowScripts } = await readJson("package.json");
    const scripted = new Set<string>();
    for await (const path of glob("node_modules/**/package.json", { cwd: root, exclude: ["**/.cache/**"] })) {
      const manifest = await readJson(path);
      if (/(^|\/)node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(path) && runsAtInstall(manifest, path)) {
        scripted.add(manifest.name);
      }
    }
    expect([...scripted].sort()).toEqual(Object.keys(allowScripts).sort());
    expect(
      Object.keys(allowScripts)
        .filter((name) => allowScripts[name])
        .sort(),
    ).toEqual(["esbuild", "node"]);
  });
});

/** npm starts node-gyp for a package with a binding.gyp, whether or not it has a script for it. */
function runsAtInstall(manifest: { scripts?: Record<string, string> }, path: string): boolean {
  const scripts = ["preinstall", "install", "postinstall"];
  if (scripts.some((name) => manifest.scripts?.[name] !== undefined)) return true;
  return existsSync(join(root, dirname(path), "binding.gyp"));
}

/** The machine's own Node where it is one that the program does not run on. */
async function findOlderNode(): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, "node");
    if (!existsSync(path)) continue;
    const { stdout } = await execa(path, ["-p", "process.versions.node.split('.')[0]"], { reject: false });
    if (Number(stdout) < 22) return path;
  }
  return undefined;
}
