import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { isWithin } from "./paths.ts";

/** Where another disk or folder is mounted at a path or below it: what lies there cannot be renamed away. The path is absolute, without symlinks. */
export function mountsIn(path: string): string[] {
  const mounted = mounts().flatMap(({ point }) => (isWithin(path, point) ? point : []));
  return mounted.length === 0 && isOtherDisk(path) ? [path] : mounted;
}

/** The type of the file system that an absolute path is on, such as `ext4` or `nfs4`; undefined where the system does not list them. */
export function typeOfDisk(path: string): string | undefined {
  // The longest holds the path; of two on one point the later hides the other.
  const holding = mounts().filter(({ point }) => isWithin(point, path));
  return holding.toSorted((one, other) => one.point.length - other.point.length).at(-1)?.type;
}

/** Linux lists them; elsewhere a mount point is known by its device. */
function mounts(): { point: string; type: string }[] {
  try {
    // Byte by byte: a name may be in any encoding, and what is no plain character is there as it is.
    const lines = readFileSync("/proc/self/mountinfo", "latin1").split("\n");
    return lines.flatMap((line) => {
      const point = line.split(" ")[4];
      return point === undefined ? [] : { point: unescaped(point), type: / - (\S+)/.exec(line)?.[1] ?? "" };
    });
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
