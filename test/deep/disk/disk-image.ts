import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How each is made, how small it may be, and what keeps it from writing anything before it must. Those of sticks come from FUSE. */
const KINDS = {
  ext4: {
    driver: "ext4",
    make: ["-q", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0"],
    megabytes: 32,
    options: "commit=600",
  },
  btrfs: { driver: "btrfs", make: ["-q", "--mixed"], megabytes: 32, options: "commit=300" },
  xfs: { driver: "xfs", make: ["-q"], megabytes: 320, options: "rw" },
  exfat: { driver: "exfat-fuse", make: [], megabytes: 64, options: "rw" },
  ntfs: { driver: "ntfs-3g", make: ["-q", "-F", "-f"], megabytes: 64, options: "rw" },
};
export type DiskKind = keyof typeof KINDS;

/** A file that holds a file system; everything that the kernel has given to the disk is in it, and nothing else. */
export type DiskImage = { kind: DiskKind; file: string };

/** Why a disk of this kind cannot be made and mounted here; empty where it can. */
export function whyNoDisk(kind: DiskKind): string {
  if (process.getuid?.() !== 0) return "needs root";
  if (spawnSync(`mkfs.${kind}`, ["-V"]).error) return `needs mkfs.${kind}`;
  const path = join(tmpdir(), `mirror-disk-${kind}-${process.pid}`);
  try {
    mountImage(makeImage(kind, `${path}.img`), path)[Symbol.dispose]();
    return "";
  } catch {
    return `needs the right to mount a file as ${kind}`;
  } finally {
    rmSync(path, { recursive: true, force: true });
    rmSync(`${path}.img`, { force: true });
  }
}

/** An empty file system in a new file. */
export function makeImage(kind: DiskKind, file: string): DiskImage {
  writeFileSync(file, "", { flag: "wx" });
  truncateSync(file, KINDS[kind].megabytes * 2 ** 20);
  execFileSync(`mkfs.${kind}`, [...KINDS[kind].make, file], { stdio: "ignore" });
  return { kind, file };
}

/** Unmounted when disposed of, whoever is in it, and its loop device with it. Two images of one origin are not to be mounted at once. */
export function mountImage({ kind, file }: DiskImage, path: string): Disposable {
  mkdirSync(path, { recursive: true });
  const { driver, options } = KINDS[kind];
  execFileSync("mount", ["-t", driver, "-o", `loop,${options}`, file, path], { stdio: "ignore" });
  return {
    [Symbol.dispose]() {
      if (spawnSync("umount", [path]).status !== 0) spawnSync("umount", ["-l", path]);
    },
  };
}

/**
 * What a power cut at this moment would leave: the file's own bytes, past the file system that is mounted from it. It is
 * read until two readings agree, since the kernel may be writing.
 */
export function cutPower({ kind, file }: DiskImage, to: string): DiskImage {
  do execFileSync("cp", ["--sparse=always", file, to]);
  while (!isSameDisk({ kind, file }, { kind, file: to }));
  return { kind, file: to };
}

/** By their bytes. */
export function isSameDisk(one: DiskImage, other: DiskImage): boolean {
  return spawnSync("cmp", ["-s", one.file, other.file]).status === 0;
}
