import { statfs } from "node:fs/promises";
import { existingParent } from "./existing-parent.ts";
import { bad, ok, warn, type Finding } from "./finding.ts";

/** `f_type` of statfs(2), from linux/magic.h. */
const NETWORK = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xfe534d42, "SMB"],
  [0xff534d42, "CIFS"],
  [0x01021997, "9p"],
  [0x5346414f, "AFS"],
  [0x00c36400, "Ceph"],
]);
const FAT = new Map([
  [0x4d44, "FAT"],
  [0x2011bab0, "exFAT"],
]);
const MEMORY = new Map([
  [0x01021994, "tmpfs"],
  [0x858458f6, "ramfs"],
]);
const FUSE = 0x65735546;

/** The number that `statfs` gives for the disk of a folder. */
export type FilesystemKind = (path: string) => Promise<number>;

const kindOf: FilesystemKind = async (path) => (await statfs(path)).type >>> 0;

/**
 * Checks whether the file system of a folder is suitable. The home has a database in WAL mode, whose shared memory does not
 * work over a network (https://sqlite.org/wal.html). Files only need to stay.
 */
export async function checkFilesystem(
  what: "home" | "assets",
  folder: string,
  kind: FilesystemKind = kindOf,
): Promise<Finding> {
  const check = `disk of the ${what} folder`;
  const type = await kind(await existingParent(folder)).catch(() => null);
  if (type === null) return warn(check, "its file system is unknown", "make sure that it is a local disk");
  return what === "home" ? checkHome(check, folder, type) : checkAssets(check, folder, type);
}

function checkHome(check: string, folder: string, type: number): Finding {
  const network = NETWORK.get(type);
  if (network) {
    const advice = "SQLite needs a local disk: move the home (--home); only --assets may be on a network share";
    return bad(check, `${network}, a network share: ${folder}`, advice);
  }
  if (type === FUSE)
    return warn(
      check,
      `FUSE: ${folder}`,
      "if this is a network share or a cloud folder, move the home to a local disk",
    );
  return checkAny(check, folder, type);
}

function checkAssets(check: string, folder: string, type: number): Finding {
  const network = NETWORK.get(type);
  return network ? ok(check, `${network}, a network share: ${folder}`) : checkAny(check, folder, type);
}

function checkAny(check: string, folder: string, type: number): Finding {
  const memory = MEMORY.get(type);
  if (memory)
    return warn(
      check,
      `${memory}: ${folder}`,
      "its contents are lost when the machine restarts: choose another folder",
    );
  const plain = FAT.get(type);
  const advice = "it has no permissions and is easily damaged: prefer ext4, xfs, btrfs, zfs or APFS";
  return plain ? warn(check, `${plain}: ${folder}`, advice) : ok(check, `local: ${folder}`);
}
