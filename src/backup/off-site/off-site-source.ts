import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { IntegrityError } from "../../lib/errors.ts";
import type { FetchedCopy, CopySource, WantedCopy } from "../../verify/repair/copy-source.ts";
import { parseSums, SUMS_FILE } from "../snapshot/sha256sums.ts";
import { listedAssets } from "./listed-assets.ts";
import { checkFiles } from "./local-files.ts";
import type { OpenLocation } from "./location.ts";
import { rcloneCat, rcloneCopy, remotePath } from "./rclone.ts";
import { plainPattern, resticDump, resticRestore } from "./restic.ts";
import { foldersOf, listSnapshots, type OffSiteSnapshot } from "./snapshots.ts";

/**
 * The backups at a location as a source of single files. The newest is searched first; files that it lacks, or has with
 * other bytes, are searched in older ones, and so are all files where its list is damaged. Throws the error of the program.
 */
export async function openOffSiteSource(location: OpenLocation, archiveId: string): Promise<CopySource> {
  const snapshots = (await listSnapshots(location, { archiveId }, { mustReadAll: false })).toReversed();
  const lists = new Map<string, Promise<PathsByDigest>>();
  let damage: IntegrityError | undefined;
  const pathsIn = (snapshot: OffSiteSnapshot) => {
    const paths =
      lists.get(snapshot.name) ??
      readPaths(location, snapshot).catch((error: unknown) => {
        if (!(error instanceof IntegrityError)) throw error;
        damage ??= error;
        return new Map<string, string>();
      });
    lists.set(snapshot.name, paths);
    return paths;
  };
  return {
    location: location.name,
    async find(wanted, signal) {
      const found = new Set<string>();
      for (const snapshot of snapshots) {
        if (found.size === wanted.length) break;
        signal.throwIfAborted();
        const paths = await pathsIn(snapshot);
        for (const { sha256 } of wanted) if (paths.has(sha256)) found.add(sha256);
      }
      if (found.size === 0 && damage !== undefined) throw damage;
      return found;
    },
    fetch: (wanted, folder, signal) => fetchCopies({ ...location, signal }, snapshots, pathsIn, { wanted, folder }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Paths in the assets folder by sha256. */
type PathsByDigest = Map<string, string>;

async function* fetchCopies(
  location: OpenLocation,
  snapshots: OffSiteSnapshot[],
  pathsIn: (snapshot: OffSiteSnapshot) => Promise<PathsByDigest>,
  { wanted, folder }: { wanted: WantedCopy[]; folder: string },
): AsyncGenerator<FetchedCopy> {
  const missing = new Map(wanted.map((one) => [one.sha256, one.bytes ?? 0]));
  for (const snapshot of snapshots) {
    if (missing.size === 0) return;
    const pathOf = await pathsIn(snapshot);
    const files = [...missing].flatMap(([sha256, bytes]) => {
      const path = pathOf.get(sha256);
      return path === undefined ? [] : [{ sha256, bytes, path }];
    });
    if (files.length === 0) continue;
    const paths = files.map(({ path }) => path);
    const root = await fetchFiles(location, snapshot, paths, await mkdtemp(join(folder, "from-")));
    for (const { sha256, path } of (await checkFiles(root, files, location.signal)).right) {
      missing.delete(sha256);
      yield { sha256, path: join(root, path) };
    }
  }
}

/** Downloads the paths below `into`; returns the folder to which they are then relative. */
async function fetchFiles(
  location: OpenLocation,
  snapshot: OffSiteSnapshot,
  paths: string[],
  into: string,
): Promise<string> {
  if (location.kind === "restic") {
    const { assets } = foldersOf(snapshot);
    const patterns = paths.map((path) => plainPattern(`${assets}/${path}`));
    await resticRestore(location, snapshot.name, into, patterns);
    return join(into, assets);
  }
  const list = join(into, "files.list");
  await writeFile(list, paths.map((path) => `${path}\n`).join(""));
  await mkdir(join(into, "assets"));
  await rcloneCopy(location, { from: remotePath(location, "assets"), to: join(into, "assets"), list });
  return join(into, "assets");
}

async function readPaths(location: OpenLocation, snapshot: OffSiteSnapshot): Promise<PathsByDigest> {
  const chunks: Buffer[] = [];
  const onBytes = async (chunk: Buffer) => void chunks.push(chunk);
  if (location.kind === "rclone") await rcloneCat(location, `snapshots/${snapshot.name}/${SUMS_FILE}`, onBytes);
  else await resticDump(location, snapshot.name, `${foldersOf(snapshot).records}/${SUMS_FILE}`, onBytes);
  const files = listedAssets(parseSums(Buffer.concat(chunks).toString("utf8")), location.name);
  return new Map(files.map(({ path, sha256 }) => [sha256, path]));
}
