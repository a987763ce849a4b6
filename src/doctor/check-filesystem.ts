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
const PLAIN = new Map([
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
 * Whether the disk can carry a database in WAL mode (its shared memory does not work over a network:
 * https://sqlite.org/wal.html), or for the files at all.
 */
export async function checkFilesystem(
  what: "home" | "assets",
  folder: string,
  kind: FilesystemKind = kindOf,
): Promise<Finding> {
  const check = `disk of the ${what} folder`;
  const type = await kind(await existingParent(folder)).catch(() => null);
  if (type === null) return warn(check, "its kind cannot be told", "see that it is a disk of this machine");
  return what === "home" ? judgeHome(check, folder, type) : judgeAssets(check, folder, type);
}

function judgeHome(check: string, folder: string, type: number): Finding {
  const network = NETWORK.get(type);
  if (network) {
    const advice = "SQLite needs a local disk: move the home (--home), only --assets may lie on a share";
    return bad(check, `${network}, a network share: ${folder}`, advice);
  }
  if (type === FUSE)
    return warn(check, `FUSE: ${folder}`, "if that is a share or a cloud folder, move the home to a local disk");
  return judgeAny(check, folder, type);
}

function judgeAssets(check: string, folder: string, type: number): Finding {
  const network = NETWORK.get(type);
  return network ? ok(check, `${network}, a network share: ${folder}`) : judgeAny(check, folder, type);
}

function judgeAny(check: string, folder: string, type: number): Finding {
  const memory = MEMORY.get(type);
  if (memory) return warn(check, `${memory}: ${folder}`, "it is gone when the machine restarts: name another folder");
  const plain = PLAIN.get(type);
  const advice = "it keeps no permissions and breaks easily: a disk with ext4, xfs, btrfs, zfs or APFS is better";
  return plain ? warn(check, `${plain}: ${folder}`, advice) : ok(check, `local: ${folder}`);
}
