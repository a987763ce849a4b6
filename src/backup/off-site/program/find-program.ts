import { access, constants, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import { UsageError } from "../../../lib/errors.ts";
import { childEnvironment, type Environment } from "./environment.ts";
import { runProgram } from "./run-program.ts";

export type ProgramName = "restic" | "rclone";

/** An installed program that is new enough, with the environment that it runs with. */
export type Program = { name: ProgramName; path: string; version: string; env: Environment };

/** The first versions with every feature that is used here, and where to get them. */
const REQUIRED: Record<ProgramName, { major: number; minor: number; pattern: RegExp; site: string }> = {
  restic: { major: 0, minor: 12, pattern: /^restic v?(\d+)\.(\d+)\S*/m, site: "https://restic.net" },
  rclone: { major: 1, minor: 54, pattern: /^rclone v(\d+)\.(\d+)\S*/m, site: "https://rclone.org" },
};

const VERSION_MS = 20_000;

/** Finds a program on the PATH and reads its version. Throws UsageError when it is absent, too old, or another program. */
export async function findProgram(
  name: ProgramName,
  ours: Record<string, string | undefined>,
  signal: AbortSignal,
): Promise<Program> {
  const env = childEnvironment(name, ours);
  const path = await findOnPath(name, env["PATH"] ?? "");
  const hint = `install it (\`apt install ${name}\`, \`brew install ${name}\`, or ${REQUIRED[name].site}) so that it is on the PATH`;
  if (path === undefined) throw new UsageError(`${name} is not installed`, { code: "program_missing", hint });
  const output = await readVersion(name, path, env, signal);
  const { major, minor, pattern } = REQUIRED[name];
  const [version, ...numbers] = pattern.exec(output) ?? [];
  const [have = 0, haveMinor = 0] = numbers.map(Number);
  if (version === undefined)
    throw new UsageError(`${path} does not print a version of ${name}`, { code: "program_unknown", hint });
  if (have < major || (have === major && haveMinor < minor))
    throw new UsageError(`${version} is too old: ${name} ${major}.${minor} or newer is needed`, {
      code: "program_too_old",
      hint,
    });
  return { name, path, version, env };
}

/** Relative folders of the PATH depend on the working folder, and are skipped. */
async function findOnPath(name: string, searched: string): Promise<string | undefined> {
  const names = process.platform === "win32" ? [`${name}.exe`] : [name];
  for (const folder of searched.split(delimiter).filter((entry) => isAbsolute(entry)))
    for (const file of names.map((each) => join(folder, each))) if (await isProgram(file)) return file;
  return undefined;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

async function readVersion(name: ProgramName, path: string, env: Environment, signal: AbortSignal): Promise<string> {
  const lines: string[] = [];
  const onLine = (line: string) => void (lines.length < 5 && lines.push(line.slice(0, 200)));
  await runProgram({ name, path, args: ["version"], env, signal, idleMs: VERSION_MS, onLine });
  return lines.join("\n");
}
