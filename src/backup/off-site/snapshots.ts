import { IntegrityError, UsageError } from "../../lib/errors.ts";
import { safeLine } from "../../lib/text/terminal-safe.ts";
import { INFO_FILE } from "../snapshot/manifest.ts";
import type { OpenLocation } from "./location.ts";
import { rcloneList } from "./rclone.ts";
import { resticSnapshots, TAG } from "./restic.ts";
import { STAGING_PATH } from "./upload-types.ts";

/** A whole backup at a location; `paths` are the folders in a restic snapshot. */
export type OffSiteSnapshot = { name: string; paths: string[] };

/** One snapshot by name, or the newest; of one archive where that is known. */
export type SnapshotChoice = { archiveId?: string | undefined; snapshot?: string | undefined };

/**
 * The chosen backup at a location. Throws UsageError where there is none, or where there are those of several archives,
 * and IntegrityError where the newest is wanted and one cannot be read, since that might be the newest.
 */
export async function chooseSnapshot(location: OpenLocation, choice: SnapshotChoice): Promise<OffSiteSnapshot> {
  const { snapshot } = choice;
  const found = await listSnapshots(location, choice, { mustReadAll: snapshot === undefined });
  const chosen = snapshot === undefined ? found.at(-1) : found.find(({ name }) => name.startsWith(snapshot));
  if (chosen !== undefined) return chosen;
  const missing = snapshot === undefined ? "no backup of ours" : `no snapshot ${JSON.stringify(snapshot.slice(0, 80))}`;
  const names = found.map(({ name }) => name.slice(0, 16)).join(", ");
  throw new UsageError(`${missing} at ${location.name}`, {
    code: "no_backup",
    hint: found.length === 0 ? "look at the address" : `choose one of ${names}`,
  });
}

/**
 * Every whole backup at a location, the newest last. Throws UsageError where there are those of several archives, and
 * IntegrityError where none can be read, or with `mustReadAll` where one cannot.
 */
export async function listSnapshots(
  location: OpenLocation,
  choice: SnapshotChoice,
  options: { mustReadAll: boolean },
): Promise<OffSiteSnapshot[]> {
  return location.kind === "restic" ? listRestic(location, choice, options) : listRclone(location);
}

async function listRestic(
  location: OpenLocation,
  { archiveId, snapshot }: SnapshotChoice,
  { mustReadAll }: { mustReadAll: boolean },
): Promise<OffSiteSnapshot[]> {
  const errors: string[] = [];
  const all = await resticSnapshots(location, archiveId, (message) => errors.push(message));
  if (errors.length > 0 && (mustReadAll || all.length === 0)) throw unreadableSnapshot(location, errors, all);
  const archives = new Set(all.map(({ tags }) => tags.filter((tag) => tag !== TAG).join()));
  if (archives.size > 1 && snapshot === undefined)
    throw new UsageError(`${location.name} holds backups of ${archives.size} archives`, {
      code: "several_archives",
      hint: "name the snapshot: `restic snapshots` lists them, --generation takes its id",
    });
  return all.map(({ id, paths }) => ({ name: id, paths }));
}

function unreadableSnapshot(
  location: OpenLocation,
  [first = ""]: string[],
  readable: { id: string }[],
): IntegrityError {
  const names = readable.map(({ id }) => id.slice(0, 8)).join(", ");
  return new IntegrityError(`${location.name} is damaged: ${safeLine(first).slice(0, 200)}`, {
    code: "place_damaged",
    hint:
      readable.length === 0
        ? "look at it with `restic check --read-data`, and back up to another location now"
        : `name one that can be read with --generation: ${names}`,
  });
}

/** A snapshot without its backup.json was not finished. Names are times, which sort as text. */
async function listRclone(location: OpenLocation): Promise<OffSiteSnapshot[]> {
  const paths = [...(await rcloneList(location, "snapshots")).keys()];
  const names = paths.flatMap((path) => {
    const [, name] = /^(\d{8}T\d{6}Z(?:-\d+)?)\//.exec(path) ?? [];
    return name !== undefined && path === `${name}/${INFO_FILE}` ? [name] : [];
  });
  return names.toSorted().map((name) => ({ name, paths: [] }));
}

/** The two folders of a restic snapshot: the records (the staged folder, known by its name) and the assets. */
export function foldersOf({ paths }: OffSiteSnapshot): { records: string; assets: string } {
  const records = paths.find((path) => path.endsWith(STAGING_PATH)) ?? "";
  return { records, assets: paths.find((path) => path !== records) ?? "" };
}
