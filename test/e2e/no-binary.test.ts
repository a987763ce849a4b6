import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../../src/lib/package-root.ts";
import { PROGRAM, startProgram } from "../helpers/program.ts";
import { temporaryArchive, temporaryFolder } from "../helpers/temporary-archive.ts";

const BREAK: [string, (library: string) => void][] = [
  ["is not installed", (library) => rmSync(library, { recursive: true })],
  ["has no binary for this machine", (library) => binaries(library).forEach((path) => rmSync(path))],
  ["has a broken binary", (library) => binaries(library).forEach((path) => writeFileSync(path, "no binary"))],
];

function binaries(library: string): string[] {
  const names = readdirSync(library, { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".node")).map((name) => join(library, name));
}

test.for(BREAK)("N153: better-sqlite3 %s: 1, what to do, and no stack", async ([, damage]) => {
  using archive = temporaryArchive();
  using folder = temporaryFolder();
  const library = join(folder.path, "node_modules", "better-sqlite3");
  mkdirSync(library, { recursive: true });
  cpSync(join(packageRoot(), "node_modules/better-sqlite3"), library, { recursive: true, dereference: true });
  cpSync(dirname(PROGRAM), join(folder.path, "dist"), { recursive: true });
  for (const name of ["migrations", "package.json"])
    cpSync(join(dirname(PROGRAM), "..", name), join(folder.path, name), { recursive: true });
  damage(library);
  expect(existsSync(join(folder.path, "dist/main.js"))).toBe(true);
  const env = { PATH: process.env["PATH"] ?? "", PRODUCER_MIRROR_HOME: archive.home };
  const end = await startProgram(["status", "--json"], {
    cwd: folder.path,
    env,
    program: join(folder.path, "dist/main.js"),
  }).done;
  expect(end.json).toMatchObject({
    error: { code: "native_module", exit: 1, hint: expect.stringContaining("npm rebuild better-sqlite3") as unknown },
  });
  expect(end.code).toBe(1);
  expect(end.stderr).not.toMatch(/\bat .*:\d+:\d+/);
});
