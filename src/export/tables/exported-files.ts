import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { UsageError } from "../../lib/errors.ts";
import { fileInTheWay } from "../folder.ts";
import { replaceFile } from "../out-file.ts";
import { digestFile } from "../../lib/files/read.ts";

/**
 * The list of what exports have written into a folder, in the folder: by it, and by nothing else, a file is known as one
 * that may be replaced. A name may have two digests while its file is being replaced.
 */
const LIST = ".producer-mirror-tables.json";
const FORMAT = 1;

/** The digests (sha256, hex) that a file of this name has when it is as an export left it. */
type Digests = Record<string, string[]>;
type List = { archiveId: string; files: Digests };

/**
 * Throws UsageError when one of `names` is there and no export wrote it, or somebody changed it since, or when the folder
 * has the tables of another archive; `force` lets all of that pass, but for what is no file.
 */
export async function refuseForeign(folder: string, names: string[], archiveId: string, force: boolean): Promise<void> {
  const list = await readList(folder);
  if (list && list.archiveId !== archiveId && !force)
    throw new UsageError(`${folder} has the tables of another archive`, {
      code: "other_archives_tables",
      hint: "name another folder, or replace them with --force",
    });
  for (const name of names) {
    const why = await whyForeign(join(folder, name), list?.files[name] ?? [], force);
    if (why !== undefined)
      throw fileInTheWay(join(folder, name), why, "move it away, name another folder, or replace it with --force");
  }
}

async function whyForeign(path: string, digests: string[], force: boolean): Promise<string | undefined> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw toDiskError(error, path);
  });
  if (!found) return undefined;
  if (found.isDirectory()) return "is a folder";
  if (force) return undefined;
  if (!found.isFile() || digests.length === 0) return "is there already, and no export has written it";
  return digests.includes((await digestFile(path)).sha256) ? undefined : "was changed since it was exported";
}

/** Lists digests of files that are about to get their names, beside those of the files that have them now. */
export async function listPending(folder: string, archiveId: string, digests: Map<string, string>): Promise<void> {
  const known = await filesOf(folder, archiveId);
  for (const [name, digest] of digests) known[name] = [...new Set([...(known[name] ?? []), digest])];
  await writeList(folder, { archiveId, files: known });
}

/** Lists the digests of the new files alone: they have their names. */
export async function listWritten(folder: string, archiveId: string, digests: Map<string, string>): Promise<void> {
  const known = await filesOf(folder, archiveId);
  for (const [name, digest] of digests) known[name] = [digest];
  await writeList(folder, { archiveId, files: known });
}

async function filesOf(folder: string, archiveId: string): Promise<Digests> {
  const list = await readList(folder);
  return list?.archiveId === archiveId ? list.files : {};
}

/** Undefined where there is none, or one that makes no sense: then nothing there is ours. */
async function readList(folder: string): Promise<List | undefined> {
  const path = join(folder, LIST);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw toDiskError(error, path);
  });
  try {
    const list = JSON.parse(text) as Partial<List & { format: number }>;
    const { archiveId, files = {}, format } = list;
    const whole = Object.values(files).every((digests) => Array.isArray(digests));
    return format === FORMAT && typeof archiveId === "string" && whole ? { archiveId, files } : undefined;
  } catch {
    return undefined;
  }
}

async function writeList(folder: string, { archiveId, files }: List): Promise<void> {
  const sorted = Object.fromEntries(Object.entries(files).toSorted(([one], [other]) => (one < other ? -1 : 1)));
  const list = { format: FORMAT, archiveId, files: sorted };
  await replaceFile(join(folder, LIST), `${JSON.stringify(list, null, 2)}\n`);
}
