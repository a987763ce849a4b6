import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import type { Metafile } from "esbuild";

export type BundledPackage = { name: string; version: string; license: string; text: string };

/** Licences that ask for no more than their text to travel along. */
const ALLOWED = new Set([
  "MIT",
  "ISC",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "Apache-2.0",
  "0BSD",
  "CC0-1.0",
  "BlueOak-1.0.0",
  "Unlicense",
  "Python-2.0",
]);

/** For packages that ship no text; only of licences whose text names no holder. */
const STANDARD_TEXTS = join(import.meta.dirname, "licenses");

/** Every package of node_modules that gave at least one byte to the bundle, by name. */
export function bundledPackages(root: string, metafile: Metafile): BundledPackage[] {
  const folders = new Set<string>();
  for (const output of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(output.inputs)) {
      if (bytesInOutput > 0 && path.includes("node_modules/")) folders.add(packageFolder(join(root, path)));
    }
  }
  return [...folders].map(readPackage).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** `name version: licence` of each package whose licence is not on the list or whose text is not there. */
export function refusedLicenses(packages: BundledPackage[]): string[] {
  return packages
    .filter((one) => !isAllowed(one.license) || one.text === "")
    .map((one) => `${one.name} ${one.version}: ${one.license}${one.text === "" ? " (no text)" : ""}`);
}

/** The content of dist/THIRD-PARTY-LICENSES.txt. */
export function licenseText(packages: BundledPackage[]): string {
  const head = "producer-mirror contains code of these packages.\n";
  const list = packages.map((one) => `${one.name} ${one.version} (${one.license})`).join("\n");
  const texts = packages.map(
    (one) => `${"=".repeat(80)}\n${one.name} ${one.version} (${one.license})\n\n${one.text}\n`,
  );
  return [head, list, "", ...texts].join("\n");
}

/** The nearest folder above with a package.json that has a name: inner ones only say `"type"`. */
function packageFolder(file: string): string {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json")) && manifest(folder).name) return folder;
  }
  throw new Error(`no package.json above ${relative(process.cwd(), file)}`);
}

function readPackage(folder: string): BundledPackage {
  const { name = "", version = "", license = "none named" } = manifest(folder);
  const own = licenseFiles(folder).map((one) => join(folder, one));
  const files = own.length > 0 ? own : [join(STANDARD_TEXTS, `${license}.txt`)].filter(existsSync);
  return { name, version, license, text: files.map((file) => readFileSync(file, "utf8").trim()).join("\n\n") };
}

/** A package may carry another's code, with its licence beside that; those at the top come first. */
function licenseFiles(folder: string): string[] {
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const found = all.filter((one) => /^(licen[cs]e|copying)(\.|-|$)/i.test(basename(one)) && !/node_modules/.test(one));
  return found
    .filter((one) => statSync(join(folder, one)).isFile())
    .toSorted((one, other) => one.length - other.length);
}

function manifest(folder: string): { name?: string; version?: string; license?: string } {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

/** SPDX: one side of an OR is enough, every side of an AND is needed. */
function isAllowed(expression: string): boolean {
  const sides = expression.replace(/[()]/g, "").split(" OR ");
  return sides.some((side) => side.split(" AND ").every((one) => ALLOWED.has(one.trim())));
}
