import { existsSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ASSETS_MARKER } from "../../assets/store/marker.ts";
import { IntegrityError } from "../../lib/errors.ts";
import { makeFolder } from "../../lib/files/durable-files.ts";
import { INFO_FILE } from "../snapshot/manifest.ts";
import { readSums, SUMS_FILE } from "../snapshot/sha256sums.ts";
import { listedAssets } from "./listed-assets.ts";
import type { OpenLocation } from "./location.ts";
import { rcloneCopy, remotePath } from "./rclone.ts";
import { resticRestore } from "./restic.ts";
import { chooseSnapshot, foldersOf, type OffSiteSnapshot, type SnapshotChoice } from "./snapshots.ts";
import type { TransferProgress } from "./upload-types.ts";

/**
 * Downloads a whole backup into the folder `into`, which it makes, with the layout of a backup in a folder: archive.db,
 * journal/, assets/, backup.json, SHA256SUMS. The bytes are not checked. Returns the name of the snapshot.
 */
export async function fetchBackup(
  location: OpenLocation,
  choice: SnapshotChoice,
  into: string,
  onProgress: (progress: TransferProgress) => void,
): Promise<string> {
  const snapshot = await chooseSnapshot(location, choice);
  await makeFolder(into);
  if (location.kind === "restic") await fromRestic(location, snapshot, into);
  else await fromRclone(location, snapshot, into, onProgress);
  return snapshot.name;
}

/** restic restores files under the absolute paths that they had; they are moved to where a backup has them. */
async function fromRestic(location: OpenLocation, snapshot: OffSiteSnapshot, into: string): Promise<void> {
  const raw = join(into, "raw");
  await resticRestore(location, snapshot.name, raw);
  const { records, assets } = foldersOf(snapshot);
  if (!existsSync(join(raw, records, "archive.db"))) throw noDatabase(location, snapshot);
  for (const part of ["archive.db", "journal", "queries", "unreadable", INFO_FILE, SUMS_FILE])
    if (existsSync(join(raw, records, part))) await rename(join(raw, records, part), join(into, part));
  if (existsSync(join(raw, assets))) await rename(join(raw, assets), join(into, "assets"));
  await rm(raw, { recursive: true });
}

async function fromRclone(
  location: OpenLocation,
  { name }: OffSiteSnapshot,
  into: string,
  onProgress: (progress: TransferProgress) => void,
): Promise<void> {
  await rcloneCopy(location, { from: remotePath(location, `snapshots/${name}`), to: into });
  const files = listedAssets(await readSums(into), location.name);
  const list = join(into, "files.list");
  await writeFile(list, [ASSETS_MARKER, ...files.map(({ path }) => path)].map((path) => `${path}\n`).join(""));
  const transfer = { from: remotePath(location, "assets"), to: join(into, "assets"), list };
  await rcloneCopy(location, transfer, (counts) => onProgress({ doing: "downloading", ...counts }));
  await rm(list);
}

function noDatabase(location: OpenLocation, { name }: OffSiteSnapshot): IntegrityError {
  return new IntegrityError(`snapshot ${name.slice(0, 8)} of ${location.name} gives back no archive.db`, {
    code: "backup_damaged",
    hint: "choose an older one with --generation",
  });
}
