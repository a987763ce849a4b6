import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { packageRoot } from "../../lib/package-root.ts";

/** A file of the library's pages, in memory: there are few, and they are small. */
export type PageFile = { body: Buffer; gzipped: Buffer; type: string; isHashed: boolean };

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
};

/** The built pages by name; none when the program runs from its sources without a build. */
export function readPageFiles(folder = join(packageRoot(), "dist", "web")): Map<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const name of namesIn(folder)) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const body = readFileSync(join(folder, name));
    files.set(name, { body, gzipped: gzipSync(body), type, isHashed: /-[A-Z0-9]{8}\.\w+$/.test(name) });
  }
  return files;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
