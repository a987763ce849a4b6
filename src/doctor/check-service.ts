import { lstat } from "node:fs/promises";
import { bad, ok, warn, type Finding } from "./finding.ts";

export type ServiceFacts = {
  /** `host:port` where `serve` would listen. */
  address: string;
  /** Only this machine reaches it. */
  isLoopback: boolean;
  /** Of the file of keys. */
  path: string;
  /** With the one in the environment; null where the file holds no keys that can be read. */
  keys: number | null;
};

/** Checks what `serve` needs beside the archive: its keys, and that only their owner can read them. */
export async function checkService({ address, isLoopback, path, keys }: ServiceFacts): Promise<Finding> {
  const check = "service";
  if (keys === null)
    return bad(check, `${path} holds no keys that can be read`, "remove it, then make new ones: key add");
  const stats = await lstat(path).catch(() => null);
  if (stats && process.platform !== "win32" && (stats.mode & 0o077) !== 0)
    return warn(
      check,
      `others may read the keys in ${path}`,
      `chmod 600 ${path}; better make new ones: key rm, key add`,
    );
  const ways = `${keys} ${keys === 1 ? "key" : "keys"}`;
  if (isLoopback) return ok(check, `serve would listen on ${address}, for this machine alone; ${ways}`);
  if (keys === 0)
    return bad(
      check,
      `serve will not start on ${address}: others reach it, and there is no key`,
      "producer-mirror key add <name>",
    );
  return ok(check, `serve would listen on ${address}, for others too; ${ways}`);
}
