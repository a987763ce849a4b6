import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync } from "node:fs";

/** A file system of its own with so many kilobytes, mounted at `place`; unmounted when disposed of. */
export function smallDisk(place: string, kilobytes: number): Disposable {
  mkdirSync(place, { recursive: true, mode: 0o700 });
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k,mode=700`, "tmpfs", place]);
  chmodSync(place, 0o700);
  return { [Symbol.dispose]: () => void spawnSync("umount", ["-l", place]) };
}

/** Makes a mounted disk larger, as a person would who makes room. */
export function growDisk(place: string, kilobytes: number): void {
  execFileSync("mount", ["-o", `remount,size=${kilobytes}k`, place]);
}

/** What starts a program as a user who is not root; undefined where that cannot be done. */
export function asNobody(): string[] | undefined {
  if (process.getuid?.() !== 0) return [];
  return spawnSync("setpriv", ["--version"]).status === 0
    ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    : undefined;
}
