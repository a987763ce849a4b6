import { openForReading, type Reader } from "../app/archive.ts";
import type { Config } from "../config.ts";
import { fileIdentity } from "../lib/files/file-identity.ts";
import { join } from "node:path";

/** The archive as it is now: opened again after a restore or rebuild has put another database in its place. */
export type ArchiveHandle = Disposable & { current(): Reader };

const LOOK_MS = 500;

/** Opens the archive for as long as the server runs. Throws as openForReading does. */
export function openHandle(config: Config): ArchiveHandle {
  const path = join(config.home, "archive.db");
  let identity = fileIdentity(path);
  let reader = openForReading(config);
  let looked = performance.now();
  return {
    current() {
      const now = performance.now();
      if (now - looked < LOOK_MS) return reader;
      looked = now;
      const found = fileIdentity(path);
      if (found === identity || found === "") return reader;
      const next = openForReading(config);
      reader[Symbol.dispose]();
      [identity, reader] = [found, next];
      return reader;
    },
    [Symbol.dispose]: () => reader[Symbol.dispose](),
  };
}
