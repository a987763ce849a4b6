import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder that holds package.json and migrations/, seen from src/ and from dist/ alike. */
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
