import { IntegrityError, UsageError } from "../../lib/errors.ts";
import { safeLine } from "../../lib/text/terminal-safe.ts";
import { rcloneList } from "./rclone.ts";
import { resticSnapshots, TAG, type Calls } from "./restic.ts";
import { STAGED } from "./upload-types.ts";
import { INFO_FILE } from "../snapshot/manifest.ts";

/** A whole backup at a place; `paths` are the folders that a restic snapshot was made of. */
export type Snapshot = { name: string; paths: string[] };

/** Which one: by name, or the newest; of one archive where that is known. */
export type Choice = { archiveId?: string | undefined; snapshot?: string | undefined };

/**
 * The chosen backup at the place. Throws UsageError where there is none, or where several archives are there, and
 * IntegrityError where the newest is asked for and one cannot be read, which might be that.
 */
export async function chooseSnapshot(calls: Calls, choice: Choice): Promise<Snapshot> {
  const { place } = calls;
  const { snapshot } = choice;
  const found = await listSnapshots(calls, choice, { mustReadAll: snapshot === undefined });
  const chosen = snapshot === undefined ? found.at(-1) : found.find(({ name }) => name.startsWith(snapshot));
  if (chosen !== undefined) return chosen;
  const missing = snapshot === undefined ? "no backup of ours" : `no snapshot ${JSON.stringify(snapshot.slice(0, 80))}`;
  throw new UsageError(`${missing} at ${place.location}`, {
    code: "no_backup",
    hint:
      found.length === 0 ? "look at the address" : `there are ${found.map(({ name }) => name.slice(0, 16)).join(", ")}`,
  });
}

/**
 * Every whole backup at the place, the newest last. Throws UsageError where those of several archives are there, and
 * IntegrityError where none can be read, or not all of them while they must.
 */
export async function listSnapshots(
  calls: Calls,
  choice: Choice,
  options: { mustReadAll: boolean },
): Promise<Snapshot[]> {
  return calls.place.program === "restic" ? ofRestic(calls, choice, options) : ofRclone(calls);
}

async function ofRestic(
  calls: Calls,
  { archiveId, snapshot }: Choice,
  { mustReadAll }: { mustReadAll: boolean },
): Promise<Snapshot[]> {
  const unreadable: string[] = [];
  const all = await resticSnapshots(calls, archiveId, (words) => unreadable.push(words));
  if (unreadable.length > 0 && (mustReadAll || all.length === 0)) throw unreadableSnapshot(calls, unreadable, all);
  const archives = new Set(all.map(({ tags }) => tags.filter((tag) => tag !== TAG).join()));
  if (archives.size > 1 && snapshot === undefined)
    throw new UsageError(`${calls.place.location} holds backups of ${archives.size} archives`, {
      code: "several_archives",
      hint: "name the snapshot: `restic snapshots` lists them, --generation takes its id",
    });
  return all.map(({ id, paths }) => ({ name: id, paths }));
}

function unreadableSnapshot({ place }: Calls, [first = ""]: string[], readable: { id: string }[]): IntegrityError {
  const names = readable.map(({ id }) => id.slice(0, 8)).join(", ");
  return new IntegrityError(`${place.location} is damaged: ${safeLine(first).slice(0, 200)}`, {
    code: "place_damaged",
    hint:
      readable.length === 0
        ? "look at it with `restic check --read-data`, and back up to another place now"
        : `name one that can be read with --generation: ${names}`,
  });
}

/** Those without a label were not finished. Their names are times, which sort as text. */
async function ofRclone(calls: Calls): Promise<Snapshot[]> {
  const paths = [...(await rcloneList(calls, "snapshots")).keys()];
  const whole = paths.flatMap((path) =>
    /^(\d{8}T\d{6}Z(?:-\d+)?)\//.exec(path)?.[0] + INFO_FILE === path ? [path] : [],
  );
  return whole
    .map((path) => path.split("/")[0] ?? "")
    .toSorted()
    .map((name) => ({ name, paths: [] }));
}

/** Of the two folders of a restic snapshot, the staged one has a name of its own. */
export function foldersOf({ paths }: Snapshot): { own: string; assets: string } {
  const own = paths.find((path) => path.endsWith(STAGED)) ?? "";
  return { own, assets: paths.find((path) => path !== own) ?? "" };
}
