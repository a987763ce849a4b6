import { readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { UsageError } from "../../lib/errors.ts";
import { writeFileDurably } from "../../lib/files/durable-files.ts";
import { cleanPart } from "./plan/clean-name.ts";
import { folderOf } from "./folders.ts";
import { flushFolder } from "../../lib/files/flush.ts";

/** A file that an export made. */
export type MadeFile = {
  kind: string;
  owner: string;
  print: string;
  /** Null from the moment before it is written until it is in place: it may be the old one, the new one, or absent. */
  bytes: number | null;
  /** Milliseconds UTC. */
  modifiedAt: number;
  /** The date of the file that is being replaced, while `bytes` is null. */
  before?: number;
  /** Of its bytes, when `print` does not begin with that: tagged copies. */
  sha256?: string;
};

/** The sha256 of what an export wrote, as far as it is known: other words never equal one. */
export function madeDigest({ sha256, print }: MadeFile): string {
  return sha256 ?? print.slice(0, print.indexOf(" "));
}

/** By path from the export's folder, forward slashes. */
export type MadeFiles = Map<string, MadeFile>;

/** The file that an export keeps for itself. It holds names and digests, no id. */
export const STATE_NAME = ".producer-mirror-export.json";
const FORMAT = 1;

/** What earlier exports made in `folder`; nothing where none did. Throws UsageError when the state cannot be read, DiskError. */
export async function readState(folder: string, archiveKey: string): Promise<MadeFiles> {
  const statePath = join(folder, STATE_NAME);
  let text: string;
  try {
    text = await readFile(statePath, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return new Map();
    throw toDiskError(error, statePath);
  }
  const state = parse(text);
  if (state === undefined)
    throw new UsageError(`${statePath} cannot be read: it is damaged, or of a newer version of this program`, {
      code: "export_state_damaged",
      hint: "export into a new folder; or remove that file: files that are still as they were exported are recognised again",
    });
  if (state.archive !== archiveKey)
    throw new UsageError(`${folder} holds an export of another archive`, {
      code: "other_archives_export",
      hint: "name another folder: each archive has its own",
    });
  return state.files;
}

/** In place whole, or not at all. Throws DiskError. */
export async function writeState(folder: string, archiveKey: string, files: MadeFiles): Promise<void> {
  const statePath = join(folder, STATE_NAME);
  const fresh = `${statePath}.new`;
  try {
    await writeFileDurably(fresh, stateText(archiveKey, files));
    await rename(fresh, statePath);
    await flushFolder(folder);
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => {});
    throw toDiskError(error, statePath);
  }
}

function stateText(archive: string, files: MadeFiles): string {
  const lines = [...files.keys()]
    .toSorted()
    .map((path) => `${JSON.stringify(path)}: ${JSON.stringify(files.get(path))}`);
  const head = `{ "format": ${FORMAT}, "archive": ${JSON.stringify(archive)}, "files": {`;
  return `${head}\n${lines.join(",\n")}\n} }\n`;
}

function parse(text: string): { archive: string; files: MadeFiles } | undefined {
  try {
    const { format, archive, files } = JSON.parse(text) as Record<string, unknown>;
    if (format !== FORMAT || typeof archive !== "string" || typeof files !== "object" || files === null)
      return undefined;
    const made: MadeFiles = new Map();
    const folders = new Set([""]);
    for (const [path, file] of Object.entries(files as Record<string, unknown>)) {
      if (!isOurs(path, folders) || !isMadeFile(file)) return undefined;
      made.set(path, file);
    }
    return { archive, files: made };
  } catch {
    return undefined;
  }
}

/** Whoever may write into the folder may write into this file: a path that no export would make leads nowhere. `known`: folders that one would. */
function isOurs(path: string, known: Set<string>): boolean {
  const folder = folderOf(path);
  if (!known.has(folder) && !isOurs(folder, known)) return false;
  known.add(folder);
  const name = folder === "" ? path : path.slice(folder.length + 1);
  return name === cleanPart(name);
}

function isMadeFile(file: unknown): file is MadeFile {
  if (typeof file !== "object" || file === null) return false;
  const { kind, owner, print, bytes, modifiedAt, before = 0, sha256 = "" } = file as Record<string, unknown>;
  const words = [kind, owner, print, sha256].every((word) => typeof word === "string");
  const dates = [modifiedAt, before].every((date) => Number.isFinite(date));
  return words && dates && (bytes === null || Number.isSafeInteger(bytes));
}
