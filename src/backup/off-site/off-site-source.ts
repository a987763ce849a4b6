import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { IntegrityError } from "../../lib/errors.ts";
import type { FetchedCopy, CopySource, WantedCopy } from "../../verify/repair/copy-source.ts";
import { holdAgainst } from "./local-files.ts";
import { rcloneCat, rcloneCopy, under } from "./rclone.ts";
import { plainPattern, resticDump, resticRestore, type Calls } from "./restic.ts";
import { parseSums, SUMS_FILE } from "../snapshot/sha256sums.ts";
import { assetsOf } from "./listed-assets.ts";
import { foldersOf, listSnapshots, type Snapshot } from "./snapshots.ts";

/**
 * The backups at a place as a source of single files. The newest is asked first; what it lacks, or has with other bytes,
 * is looked for in older ones, and so is all that one lists whose list is damaged. Throws what the program ends with.
 */
export async function openPlaceSource(calls: Calls, archiveId: string): Promise<CopySource> {
  const snapshots = (await listSnapshots(calls, { archiveId }, { mustReadAll: false })).toReversed();
  const manifests = new Map<string, Promise<Map<string, string>>>();
  let damage: IntegrityError | undefined;
  const pathsIn = (snapshot: Snapshot) => {
    const paths =
      manifests.get(snapshot.name) ??
      readPaths(calls, snapshot).catch((error: unknown) => {
        if (!(error instanceof IntegrityError)) throw error;
        damage ??= error;
        return new Map<string, string>();
      });
    manifests.set(snapshot.name, paths);
    return paths;
  };
  return {
    location: calls.place.location,
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
    fetch: (wanted, folder, signal) => bring({ ...calls, signal }, snapshots, pathsIn, { wanted, folder }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function* bring(
  calls: Calls,
  snapshots: Snapshot[],
  pathsIn: (snapshot: Snapshot) => Promise<Map<string, string>>,
  { wanted, folder }: { wanted: WantedCopy[]; folder: string },
): AsyncGenerator<FetchedCopy> {
  const missing = new Map(wanted.map((one) => [one.sha256, one.bytes ?? 0]));
  for (const snapshot of snapshots) {
    if (missing.size === 0) return;
    const paths = await pathsIn(snapshot);
    const files = [...missing].flatMap(([sha256, bytes]) => {
      const path = paths.get(sha256);
      return path === undefined ? [] : [{ sha256, bytes, path }];
    });
    if (files.length === 0) continue;
    const room = await mkdtemp(join(folder, "from-"));
    const root = await give(
      calls,
      snapshot,
      files.map(({ path }) => path),
      room,
    );
    for (const { sha256, path } of (await holdAgainst(root, files, calls.signal)).right) {
      missing.delete(sha256);
      yield { sha256, path: join(root, path) };
    }
  }
}

/** Brings the paths into `room`; answers the folder that they then lie below. */
async function give(calls: Calls, snapshot: Snapshot, paths: string[], room: string): Promise<string> {
  if (calls.place.program === "restic") {
    const { assets } = foldersOf(snapshot);
    await resticRestore(
      calls,
      snapshot.name,
      room,
      paths.map((path) => plainPattern(`${assets}/${path}`)),
    );
    return join(room, assets);
  }
  const list = join(room, "files.list");
  await writeFile(list, paths.map((path) => `${path}\n`).join(""));
  await mkdir(join(room, "assets"));
  await rcloneCopy(calls, { from: under(calls, "assets"), to: join(room, "assets"), list });
  return join(room, "assets");
}

async function readPaths(calls: Calls, snapshot: Snapshot): Promise<Map<string, string>> {
  const pieces: Buffer[] = [];
  const onBytes = async (piece: Buffer) => void pieces.push(piece);
  if (calls.place.program === "rclone") await rcloneCat(calls, `snapshots/${snapshot.name}/${SUMS_FILE}`, onBytes);
  else await resticDump(calls, snapshot.name, `${foldersOf(snapshot).own}/${SUMS_FILE}`, onBytes);
  const files = assetsOf(parseSums(Buffer.concat(pieces).toString("utf8")), calls.place.location);
  return new Map(files.map(({ path, sha256 }) => [sha256, path]));
}
