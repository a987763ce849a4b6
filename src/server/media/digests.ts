import type { BigIntStats } from "node:fs";
import { MirrorError } from "../../lib/errors.ts";
import type { Workers } from "../workers/workers.ts";
import type { FileDigest } from "./media-questions.ts";

/** The digests of files as they are now, each made once by a worker. */
export type Digests = {
  /** Lower-case hex. Throws MirrorError, `busy` while somebody writes to the file. */
  of(path: string, stats: BigIntStats): Promise<string>;
};

const MAX_REMEMBERED = 20_000;

export function rememberDigests(workers: Workers): Digests {
  const known = new Map<string, Promise<FileDigest>>();
  const make = async (path: string) => JSON.parse(await workers.ask("fileDigest", { path })) as FileDigest;
  return {
    async of(path, stats) {
      const print = printOf(stats);
      const found = known.get(print) ?? make(path);
      known.set(print, found);
      if (known.size > MAX_REMEMBERED) known.delete(known.keys().next().value ?? "");
      const digest = await found.catch((error: unknown) => {
        known.delete(print);
        throw error;
      });
      if (digest.print === print) return digest.sha256;
      known.delete(print);
      throw new MirrorError("busy", 1, "the file is being changed", { hint: "ask again in a moment" });
    },
  };
}

/** Changes when a file is replaced or written to. */
export function printOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
}
