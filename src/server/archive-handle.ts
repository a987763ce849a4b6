import { join } from "node:path";
import { openForReading, type Reader } from "../app/archive.ts";
import type { Config } from "../config.ts";
import { fileIdentity } from "../lib/files/file-identity.ts";

/** The archive as it is now: opened again after a restore or rebuild has put another database in its place. */
export type ArchiveHandle = Disposable & {
  /** Use it without waiting for anything else, since the next call may close it. Throws as openForReading does. */
  current(): Promise<Reader>;
};

const LOOK_MS = 500;

/** Opens the archive for as long as the server runs. Throws as openForReading does. */
export async function openHandle(config: Config): Promise<ArchiveHandle> {
  const path = join(config.home, "archive.db");
  let identity = fileIdentity(path);
  let reader = await openForReading(config);
  let looked = performance.now();
  return {
    async current() {
      const now = performance.now();
      if (now - looked < LOOK_MS) return reader;
      looked = now;
      const found = fileIdentity(path);
      if (found === identity || found === "") return reader;
      const next = await openForReading(config);
      reader[Symbol.dispose]();
      [identity, reader] = [found, next];
      return reader;
    },
    [Symbol.dispose]: () => reader[Symbol.dispose](),
  };
}
