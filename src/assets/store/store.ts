import type { FileHandle } from "node:fs/promises";
import { constants } from "node:fs";
import { access, rmdir, unlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { ReadStream } from "node:fs";
import { DiskError } from "../../lib/errors.ts";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { folderOf, isPartName } from "./names.ts";
import { openFile, safeParts, statEntry } from "./files.ts";
import { ASSETS_MARKER, notOurs, readOwnership } from "./marker.ts";
import { writeMarker } from "../../lib/files/folder-marker.ts";
import { moveIn, makeStaging } from "./move-in.ts";
import { ensureFolder } from "./folders.ts";
import { quarantine, putPart, keepBeside, type FinishedPart, type PutResult } from "./put.ts";
import { removeQuarantined, type RemoveOptions, type RightBytes } from "./quarantined.ts";
import { digestAndClose } from "../../lib/files/read.ts";
import { walkFolder } from "../../lib/files/walk.ts";
import type { FileEntry } from "../../lib/files/entry.ts";

export type LeftoverPart = { path: string; bytes: number; modifiedAt: number };

/**
 * The files of an archive. Paths are relative to the root with forward slashes, as rows hold them; errors are DiskErrors.
 * Whatever writes has just seen that the folder is this archive's, by its marker, and so has whatever says that a file is
 * not there: a disk that is away has lost nothing.
 */
export type AssetStore = {
  /** Absolute. */
  readonly root: string;
  /** Throws unless the folder is this archive's. Creates nothing. A missing or empty folder is fine unless files are expected. */
  check(expect: { files: boolean }): Promise<void>;
  /** The same for a command that writes: a missing or empty folder is created and marked as this archive's. */
  prepare(expect: { files: boolean }): Promise<void>;
  /** Marks the folder as this archive's, whatever it was before (`--adopt-assets`). */
  adopt(): Promise<void>;
  /** The absolute path, whether or not something is there. */
  locate(path: string): string;
  /** The entry there; null when there is none. Never follows a symlink and opens nothing. */
  stat(path: string): Promise<FileEntry | null>;
  /** An open file for reading; the caller closes it. Code `asset_missing` or `asset_not_a_file` when there is none. */
  get(path: string): Promise<FileHandle>;
  /** Its bytes as a stream, `end` included; closes itself. */
  readStream(path: string, range?: { start?: number; end?: number }): Promise<ReadStream>;
  /** Size and digest; `onBytes` gets the size of each chunk read. */
  sha256(
    path: string,
    signal?: AbortSignal,
    onBytes?: (count: number) => void,
  ): Promise<{ bytes: number; sha256: string }>;
  /** All paths, without the marker and the files of unfinished downloads. */
  list(): AsyncGenerator<string>;
  /** The files of unfinished downloads: `.part` files and the notes beside them. */
  listParts(): AsyncGenerator<LeftoverPart>;
  /** Removes one of those; a symlink itself, never its target. */
  removePart(path: string): Promise<void>;
  /** Makes the folder of an id and returns its absolute path. */
  folderFor(id: string): Promise<string>;
  /** Moves a finished part to its final name, never over other bytes; see putPart. */
  put(part: FinishedPart): Promise<PutResult>;
  /** Moves a bad file out of the way, to a name ending in `.bad`; returns its new path. */
  quarantine(path: string): Promise<string>;
  /** Moves a file whose bytes belong elsewhere out of the way, to a name with the beginning of their sha256; returns it. */
  keepBeside(path: string, sha256: string): Promise<string>;
  /** Removes what was quarantined from a path whose right bytes are back; see removeQuarantined. */
  removeQuarantined(file: RightBytes, options: RemoveOptions): Promise<string[]>;
  /** Creates an empty folder for files before their move, on the disk of the assets; `list` skips it. Absolute. */
  makeStaging(): Promise<string>;
  /** Moves a file of the same disk, by its absolute path, to `path`, where nothing is; durable. */
  moveIn(from: string, path: string): Promise<void>;
};

/** The store over the file system. Opens and makes nothing by itself: call `prepare` before writing. */
export function openStore(root: string, archiveId: string): AssetStore {
  const base = resolve(root);
  // A disk may have gone since the last look: what is written then would lie under its mount point.
  const onOurs = async <T>(work: () => Promise<T>): Promise<T> => {
    await ownership(base, archiveId, true);
    return work();
  };
  const stat = async (path: string) => (await statEntry(base, path)) ?? onOurs(() => statEntry(base, path));
  const open = (path: string) =>
    openFile(base, path).catch((error: DiskError) => {
      if (error.code !== "asset_missing") throw error;
      return onOurs(() => openFile(base, path));
    });
  return {
    root: base,
    check: async (expect) => void (await ownership(base, archiveId, expect.files)),
    prepare: async (expect) => {
      if ((await ownership(base, archiveId, expect.files)) === "ours") await requireWritable(base);
      else await writeMarker(base, ASSETS_MARKER, archiveId);
    },
    adopt: () => writeMarker(base, ASSETS_MARKER, archiveId),
    locate: (path) => join(base, ...safeParts(path)),
    stat,
    get: open,
    readStream: async (path, range = {}) => (await open(path)).createReadStream(range),
    sha256: async (path, signal, onBytes) => digestAndClose(await open(path), join(base, path), signal, onBytes),
    list: () => listFiles(base),
    listParts: () => listParts(base),
    removePart: (path) => onOurs(() => removePart(base, path)),
    folderFor: async (id) => {
      const folder = await onOurs(() => ensureFolder(base, folderOf(id)));
      // The disk may have gone between the look and the making of the folder: then it goes again, if it is empty.
      if ((await readOwnership(base, archiveId)) === "ours") return folder;
      await rmdir(folder).catch(() => undefined);
      return onOurs(() => Promise.resolve(folder));
    },
    put: (part) => onOurs(() => putPart(base, part)),
    quarantine: (path) => onOurs(() => quarantine(base, path)),
    keepBeside: (path, sha256) => onOurs(() => keepBeside(base, path, sha256)),
    removeQuarantined: (file, options) => onOurs(() => removeQuarantined(base, file, options)),
    makeStaging: () => onOurs(() => makeStaging(base)),
    moveIn: (from, path) => onOurs(() => moveIn(base, from, path)),
  };
}

/** Answers only what may be used; throws DiskError for everything else. */
async function ownership(
  root: string,
  archiveId: string,
  filesExpected: boolean,
): Promise<"ours" | "absent" | "empty"> {
  const found = await readOwnership(root, archiveId);
  if (found === "ours") return found;
  if ((found === "absent" || found === "empty") && !filesExpected) return found;
  throw notOurs(root, found);
}

/** Checked before requests to the API, not after them. */
async function requireWritable(root: string): Promise<void> {
  await access(root, constants.W_OK | constants.X_OK).catch((error: unknown) => {
    throw toDiskError(error, root);
  });
}

async function* listFiles(root: string): AsyncGenerator<string> {
  for await (const path of walkFolder(root)) if (!isPartName(path)) yield path;
}

async function* listParts(root: string): AsyncGenerator<LeftoverPart> {
  for await (const path of walkFolder(root)) {
    if (!isPartName(path) || !isOurs(path)) continue;
    const entry = await statEntry(root, path);
    if (entry !== null) yield { path, bytes: entry.bytes, modifiedAt: entry.modifiedAt };
  }
}

async function removePart(root: string, path: string): Promise<void> {
  if (!isPartName(path) || !isOurs(path))
    throw new DiskError(`not a part of a download: ${path}`, { code: "bad_asset_path" });
  try {
    await unlink(join(root, ...safeParts(path)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw toDiskError(error, join(root, path));
  }
}

/** Whether a name is one that downloads use: a two-character folder, a stem that begins with it, a kind. */
function isOurs(path: string): boolean {
  const [folder, name, more] = path.split("/");
  return (
    more === undefined &&
    name !== undefined &&
    folder?.length === 2 &&
    name.startsWith(folder) &&
    /^[\w-]+\.[a-z]+(\.bad)?\.part/.test(name)
  );
}
