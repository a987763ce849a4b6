import { access, constants, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import { UsageError } from "../../../lib/errors.ts";
import { childEnvironment, type Environment } from "./environment.ts";
import { runProgram } from "./run-program.ts";

export type ProgramName = "restic" | "rclone";

/** A program that was found, knows what we ask of it, and the environment that it is started with. */
export type Program = { name: ProgramName; path: string; version: string; env: Environment };

/** The first versions with everything that is asked of them, and where they come from. */
const NEEDED: Record<ProgramName, { major: number; minor: number; says: RegExp; from: string }> = {
  restic: { major: 0, minor: 12, says: /^restic v?(\d+)\.(\d+)\S*/m, from: "https://restic.net" },
  rclone: { major: 1, minor: 54, says: /^rclone v(\d+)\.(\d+)\S*/m, from: "https://rclone.org" },
};

const VERSION_MS = 20_000;

/** Looks on the PATH and asks for the version. Throws UsageError where it is absent, too old, or not what it should be. */
export async function findProgram(
  name: ProgramName,
  ours: Record<string, string | undefined>,
  signal: AbortSignal,
): Promise<Program> {
  const env = childEnvironment(name, ours);
  const path = await onPath(name, env["PATH"] ?? "");
  const hint = `install it (\`apt install ${name}\`, \`brew install ${name}\`, or ${NEEDED[name].from}) so that it is on the PATH`;
  if (path === undefined) throw new UsageError(`${name} is not installed`, { code: "program_missing", hint });
  const version = await askVersion(name, path, env, signal);
  const { major, minor, says } = NEEDED[name];
  const [said, ...numbers] = says.exec(version) ?? [];
  const [have = 0, haveMinor = 0] = numbers.map(Number);
  if (said === undefined)
    throw new UsageError(`${path} does not say which version of ${name} it is`, { code: "program_unknown", hint });
  if (have < major || (have === major && haveMinor < minor))
    throw new UsageError(`${said} is too old: ${name} ${major}.${minor} or newer is needed`, {
      code: "program_too_old",
      hint,
    });
  return { name, path, version: said, env };
}

/** Folders of the PATH that are not absolute depend on where we stand, and are passed over. */
async function onPath(name: string, searched: string): Promise<string | undefined> {
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

async function askVersion(name: ProgramName, path: string, env: Environment, signal: AbortSignal): Promise<string> {
  const lines: string[] = [];
  const onLine = (line: string) => void (lines.length < 5 && lines.push(line.slice(0, 200)));
  await runProgram({ name, path, args: ["version"], env, signal, idleMs: VERSION_MS, onLine });
  return lines.join("\n");
}
