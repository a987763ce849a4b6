import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DiskError } from "../../lib/errors.ts";
import { writePrivateFile } from "../../lib/files/private-file.ts";
import { toStorageError } from "../../lib/files/storage-errors.ts";

/** A way in, one a device. It is kept readable, because Subsonic's login needs the key itself. */
export type StoredKey = { name: string; key: string; addedAt: string };

const FILE = z.object({
  keys: z.array(z.object({ name: z.string().min(1), key: z.string().min(1), addedAt: z.string() })),
});

export function keyFilePath(home: string): string {
  return join(home, "keys.json");
}

/** The keys of an archive, none when there is no file. Throws DiskError when it cannot be read or is not ours. */
export function readKeys(home: string): StoredKey[] {
  const path = keyFilePath(home);
  try {
    return FILE.parse(JSON.parse(readFileSync(path, "utf8"))).keys;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    if (error instanceof SyntaxError || error instanceof z.ZodError)
      throw new DiskError(`${path} is not a file of keys`, { hint: "remove it, then make new keys: key add <name>" });
    throw toStorageError(error, path);
  }
}

/** Replaces the file as a whole; only its owner can read it. Throws DiskError. */
export function writeKeys(home: string, keys: StoredKey[]): void {
  writePrivateFile(keyFilePath(home), `${JSON.stringify({ keys }, null, 2)}\n`);
}
