import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { isWithin } from "./paths.ts";

/** Where another disk or folder is mounted at a path or below it: what lies there cannot be renamed away. The path is absolute, without symlinks. */
export function mountsIn(path: string): string[] {
  const mounted = mountPoints().filter((point) => isWithin(path, point));
  return mounted.length === 0 && isOtherDisk(path) ? [path] : mounted;
}

/** Linux lists them; elsewhere a mount point is known by its device. */
function mountPoints(): string[] {
  try {
    // Byte by byte: a name may be in any encoding, and what is no plain character is there as it is.
    const lines = readFileSync("/proc/self/mountinfo", "latin1").split("\n");
    return lines.flatMap((line) => line.split(" ")[4] ?? []).map(unescaped);
  } catch {
    return [];
  }
}

function unescaped(path: string): string {
  return Buffer.from(
    path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8))),
    "latin1",
  ).toString();
}

function isOtherDisk(path: string): boolean {
  const [here, above] = [path, dirname(path)].map((one) => statSync(one, { throwIfNoEntry: false })?.dev);
  return here !== undefined && above !== undefined && here !== above;
}
