import { readFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeFileDurably } from "../../lib/files/durable-files.ts";

/** When each key was last used, ISO 8601, by its name. */
export type KeyUses = Record<string, string>;

/** Notes when keys are used. */
export type UseNotes = AsyncDisposable & { note(name: string): void };

const EVERY_MS = 60_000;
const FILE = z.record(z.string(), z.iso.datetime());

/** Not in `keys.json`: a server that wrote there could bring back a key that was removed meanwhile. */
function usesPath(home: string): string {
  return join(home, "keys-used.json");
}

/** What servers have noted; nothing when the file is not there or cannot be read, since it decides nothing. */
export function readUses(home: string): KeyUses {
  try {
    return FILE.parse(JSON.parse(readFileSync(usesPath(home), "utf8")));
  } catch {
    return {};
  }
}

/** Writes uses into the file, at most once a minute and at the end. A disk that takes nothing ends no request. */
export function noteUses(home: string): UseNotes {
  const seen = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();
  const write = () => {
    const uses = Object.fromEntries(seen);
    seen.clear();
    writing = writing.then(() => save(home, uses)).catch(() => {});
  };
  return {
    note(name) {
      seen.set(name, new Date().toISOString());
      if (timer !== undefined) return;
      write();
      timer = setTimeout(() => {
        timer = undefined;
        if (seen.size > 0) write();
      }, EVERY_MS).unref();
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      if (seen.size > 0) write();
      await writing;
    },
  };
}

/** Another server over the same archive may have noted other keys. */
async function save(home: string, uses: KeyUses): Promise<void> {
  const path = usesPath(home);
  await writeFileDurably(`${path}.new`, `${JSON.stringify({ ...readUses(home), ...uses })}\n`);
  await rename(`${path}.new`, path);
}
