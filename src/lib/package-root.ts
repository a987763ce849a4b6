import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder that contains package.json and migrations/; found from src/ as well as from dist/. */
export function packageRoot(from: string = import.meta.dirname): string {
  if (existsSync(join(from, "package.json")) && existsSync(join(from, "migrations"))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error("this installation is incomplete: migrations/ is not beside the program");
  return packageRoot(parent);
}

/** The version of this program, as its package.json says. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as { version: string };
  return version;
}
