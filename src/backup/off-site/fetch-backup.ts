import { existsSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../../lib/files/durable-files.ts";
import { IntegrityError } from "../../lib/errors.ts";
import { rcloneCopy, under } from "./rclone.ts";
import { resticRestore, type Calls } from "./restic.ts";
import { INFO_FILE } from "../snapshot/manifest.ts";
import { readSums, SUMS_FILE } from "../snapshot/sha256sums.ts";
import { assetsOf } from "./listed-assets.ts";
import { ASSETS_MARKER, type SendProgress } from "./upload-types.ts";
import { chooseSnapshot, foldersOf, type Choice, type Snapshot } from "./snapshots.ts";

/**
 * Brings a whole backup into the folder `into`, which it makes, laid out as a backup in a folder is: archive.db, journal/,
 * assets/, backup.json, SHA256SUMS. Says nothing about whether its bytes are right. Answers the snapshot's name.
 */
export async function fetchBackup(
  calls: Calls,
  choice: Choice,
  into: string,
  onProgress: (progress: SendProgress) => void,
): Promise<string> {
  const snapshot = await chooseSnapshot(calls, choice);
  await makeFolder(into);
  if (calls.place.program === "restic") await fromRestic(calls, snapshot, into);
  else await fromRclone(calls, snapshot, into, onProgress);
  return snapshot.name;
}

/** restic gives back the paths that the folders had. */
async function fromRestic(calls: Calls, snapshot: Snapshot, into: string): Promise<void> {
  const raw = join(into, "raw");
  await resticRestore(calls, snapshot.name, raw);
  const { own, assets } = foldersOf(snapshot);
  if (!existsSync(join(raw, own, "archive.db"))) throw strangeSnapshot(calls, snapshot);
  for (const part of ["archive.db", "journal", "queries", INFO_FILE, SUMS_FILE])
    if (existsSync(join(raw, own, part))) await rename(join(raw, own, part), join(into, part));
  if (existsSync(join(raw, assets))) await rename(join(raw, assets), join(into, "assets"));
  await rm(raw, { recursive: true });
}

async function fromRclone(
  calls: Calls,
  { name }: Snapshot,
  into: string,
  onProgress: (progress: SendProgress) => void,
): Promise<void> {
  await rcloneCopy(calls, { from: under(calls, `snapshots/${name}`), to: into });
  const files = assetsOf(await readSums(into), calls.place.location);
  const list = join(into, "files.list");
  await writeFile(list, [ASSETS_MARKER, ...files.map(({ path }) => path)].map((path) => `${path}\n`).join(""));
  await rcloneCopy(calls, { from: under(calls, "assets"), to: join(into, "assets"), list }, (progress) =>
    onProgress({ doing: "fetching", ...progress }),
  );
  await rm(list);
}

function strangeSnapshot({ place }: Calls, { name }: Snapshot): IntegrityError {
  return new IntegrityError(`snapshot ${name.slice(0, 8)} of ${place.location} gives no archive.db back`, {
    code: "backup_damaged",
    hint: "take an older one with --generation",
  });
}
