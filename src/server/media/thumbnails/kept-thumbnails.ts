import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../../../assets/store/cache.ts";

/** Of which picture, by its digest, and how many pixels its longer side has. */
export type ThumbnailKey = { sha256: string; size: number };

/** A player asks for one size or a few. Those to which nothing was added for longest go first. */
const MOST_SIZES = 8;

/** A thumbnail that was made before; undefined when there is none that is whole. */
export async function readThumbnail(home: string, wanted: ThumbnailKey): Promise<Buffer | undefined> {
  try {
    const bytes = await readFile(pathOf(home, wanted));
    return bytes.readUInt16BE(0) === 0xffd8 && bytes.readUInt16BE(bytes.length - 2) === 0xffd9 ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps one for the next time. Where that cannot be, on a full disk or in a folder that is only read, it is made again. */
export async function keepThumbnail(home: string, wanted: ThumbnailKey, bytes: Buffer): Promise<void> {
  const path = pathOf(home, wanted);
  try {
    await mkdir(folderOf(home, wanted.size), { recursive: true, mode: 0o700 });
    await writeFile(`${path}.${process.pid}.part`, bytes, { mode: 0o600 });
    await rename(`${path}.${process.pid}.part`, path);
    await dropOldSizes(home);
  } catch {
    await rm(`${path}.${process.pid}.part`, { force: true }).catch(() => {});
  }
}

async function dropOldSizes(home: string): Promise<void> {
  const sizes = await readdir(coversFolder(home));
  if (sizes.length <= MOST_SIZES) return;
  const dated = await Promise.all(
    sizes.map(async (size) => ({ size, at: (await stat(join(coversFolder(home), size))).mtimeMs })),
  );
  const oldest = dated.toSorted((one, other) => one.at - other.at).slice(0, sizes.length - MOST_SIZES);
  for (const { size } of oldest) await rm(join(coversFolder(home), size), { recursive: true, force: true });
}

function coversFolder(home: string): string {
  return join(cacheFolder(home), "covers");
}

function folderOf(home: string, size: number): string {
  return join(coversFolder(home), String(size));
}

function pathOf(home: string, { sha256, size }: ThumbnailKey): string {
  return join(folderOf(home, size), `${sha256}.jpg`);
}
