import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync } from "node:fs";

/** A file system of its own with so many kilobytes, mounted at `path`; unmounted when disposed of. */
export function smallDisk(path: string, kilobytes: number): Disposable {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k,mode=700`, "tmpfs", path]);
  chmodSync(path, 0o700);
  return { [Symbol.dispose]: () => void spawnSync("umount", ["-l", path]) };
}

/** Makes a mounted disk larger, as a person would who makes room. */
export function growDisk(path: string, kilobytes: number): void {
  execFileSync("mount", ["-o", `remount,size=${kilobytes}k`, path]);
}

/** What starts a program as a user who is not root; undefined where that cannot be done. */
export function asNobody(): string[] | undefined {
  if (process.getuid?.() !== 0) return [];
  return spawnSync("setpriv", ["--version"]).status === 0
    ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    : undefined;
}
