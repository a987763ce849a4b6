import crypto from "node:crypto";
import { crc32c } from "../../lib/files/crc32c.ts";
import type { StatedDigest } from "./stated-digests.ts";

export type Checksums = {
  /** Whether a digest is stated that may prove the bytes right. */
  readonly mayProve: boolean;
  update(chunk: Buffer): void;
  /**
   * `proof`: what proves the bytes right, `etag` for a hint; null when nothing fits. `mismatch`: one line when the bytes
   * are not those that the server states.
   */
  finish(): { sha256: string; proof: "sha256" | "md5" | "etag" | "crc32c" | null; mismatch: string | null };
};

/** The order in which a stated digest is chosen. The sha256 costs nothing more, and a composed object has only crc32c. */
const CHOICE = ["sha256", "md5", "crc32c"] as const;

/** Digests the bytes as they arrive: sha256 for the archive, and one that the server states, a hint only where there is no other. */
export function createChecksums(digests: readonly StatedDigest[]): Checksums {
  const firm = digests.filter(({ isHint }) => !isHint);
  const isHint = firm.length === 0;
  const usable = isHint ? digests : firm;
  const algorithm = CHOICE.find((name) => usable.some((digest) => digest.algorithm === name)) ?? null;
  const stated = usable.filter((digest) => digest.algorithm === algorithm).map(({ hex }) => hex);
  const sha256 = crypto.createHash("sha256");
  const md5 = algorithm === "md5" ? crypto.createHash("md5") : null;
  let crc = 0;
  return {
    mayProve: algorithm !== null,
    update: (chunk) => {
      sha256.update(chunk);
      md5?.update(chunk);
      if (algorithm === "crc32c") crc = crc32c(crc, chunk);
    },
    finish: () => {
      const digest = sha256.digest("hex");
      const result = { sha256: digest, proof: null, mismatch: null };
      if (algorithm === null) return result;
      const actual = { sha256: digest, md5: md5?.digest("hex"), crc32c: crc.toString(16).padStart(8, "0") }[algorithm];
      const wrong = stated.find((value) => value !== actual);
      if (wrong === undefined) return { ...result, proof: isHint ? "etag" : algorithm };
      if (isHint) return result;
      return { ...result, mismatch: `the ${algorithm} of the bytes is ${actual}, the server says ${wrong}` };
    },
  };
}
