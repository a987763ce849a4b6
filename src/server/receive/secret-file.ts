import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DiskError } from "../../lib/errors.ts";
import { writePrivateFile } from "../../lib/files/private-file.ts";
import { toStorageError } from "../../lib/files/storage-errors.ts";
import { SECRET_PREFIX } from "../../lib/text/callback-secret.ts";

/** What a callback address ends with; `until` (milliseconds UTC): an old one, and until when it is taken. */
export type Secret = { secret: string; addedAt: number; until?: number | undefined };

const FILE = z.object({
  secrets: z.array(
    z.object({ secret: z.string().check(z.minLength(20)), addedAt: z.number(), until: z.optional(z.number()) }),
  ),
});

const OLD_IS_VALID_MS = 7 * 24 * 3_600_000;

export function secretFilePath(home: string): string {
  return join(home, "receive.json");
}

/** The secrets of an archive, the newest first; none when there is no file. Throws DiskError. */
export function readSecrets(home: string): Secret[] {
  const path = secretFilePath(home);
  try {
    return FILE.parse(JSON.parse(readFileSync(path, "utf8"))).secrets;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    if (error instanceof SyntaxError || error instanceof z.ZodError)
      throw new DiskError(`${path} is not a file of callback secrets`, { hint: "remove it, then: receive --rotate" });
    throw toStorageError(error, path);
  }
}

/** The newest secret; makes the first one. Throws DiskError. */
export function currentSecret(home: string, now: number): Secret {
  return readSecrets(home)[0] ?? rotateSecret(home, now);
}

/** Makes a new secret. The one before is taken for 7 more days, and no other. Throws DiskError. */
export function rotateSecret(home: string, now: number): Secret {
  const made = { secret: SECRET_PREFIX + randomBytes(24).toString("base64url"), addedAt: now };
  const old = readSecrets(home)
    .slice(0, 1)
    .map((one) => ({ ...one, until: now + OLD_IS_VALID_MS }));
  writePrivateFile(secretFilePath(home), `${JSON.stringify({ secrets: [made, ...old] }, null, 2)}\n`);
  return made;
}
