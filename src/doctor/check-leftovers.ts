import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isPartName } from "../assets/store/names.ts";
import { lstatEntry } from "../lib/files/entry.ts";
import { walkFolder } from "../lib/files/walk.ts";
import { ok, warn, type Finding } from "./finding.ts";

/** A more recent download may still be running. */
const OLD_MS = 7 * 24 * 3600 * 1000;

/** Looks for partial downloads that are not continued, and for files that an interrupted command left beside the database. */
export async function checkLeftovers(home: string, assets: string, now: number): Promise<Finding[]> {
  return [await checkParts(assets, now), await checkHome(home), ...(await checkBeside(home))];
}

async function checkParts(assets: string, now: number): Promise<Finding> {
  const check = "leftover parts";
  let files = 0;
  let old = 0;
  let bytes = 0;
  for await (const path of walkParts(assets)) {
    const entry = await lstatEntry(join(assets, path));
    if (!entry) continue;
    files++;
    bytes += entry.bytes;
    if (now - entry.modifiedAt > OLD_MS) old++;
  }
  const found = files === 0 ? "none" : `${files} (${(bytes / 1e6).toFixed(1)} MB), ${old} older than a week`;
  return old > 0
    ? warn(check, found, "the next sync continues those that it still needs; `verify --repair` removes the rest")
    : ok(check, found);
}

async function* walkParts(assets: string): AsyncGenerator<string> {
  try {
    for await (const path of walkFolder(assets)) if (isPartName(path.split("/").at(-1) ?? "")) yield path;
  } catch {
    // A folder that cannot be read is reported by the check of its permissions.
  }
}

async function checkHome(home: string): Promise<Finding> {
  const check = "leftovers in the home folder";
  const names = await readdir(home).catch(() => []);
  const left = names.filter((name) => /\.new$|\.(new|partial)-(wal|shm|journal)$/.test(name));
  const kept = names.filter((name) => name.startsWith("archive.db.before-") && !name.endsWith(".new"));
  const found = [...left, ...kept].join(", ") || "none";
  if (left.length > 0)
    return warn(check, found, "an interrupted command left them: remove them while no command is running");
  return kept.length > 0
    ? ok(check, `${found}: older copies; remove them when you no longer need them`)
    : ok(check, found);
}

/** Looks for what restores leave beside the home, either on purpose or because they were killed. */
async function checkBeside(home: string): Promise<Finding[]> {
  const check = "leftovers beside the home folder";
  const names = (await readdir(dirname(home)).catch(() => [])).filter((name) => name.startsWith(`${basename(home)}.`));
  const of = (what: string) =>
    names.filter((name) => name.slice(basename(home).length + 1).startsWith(what)).toSorted();
  const left = [...of("restoring-"), ...of("fetched-")];
  if (left.length > 0)
    return [
      warn(
        check,
        left.join(", "),
        "a restore was interrupted: run it again, or remove them while no restore is running",
      ),
    ];
  const kept = of("before-restore-");
  if (kept.length === 0) return [];
  return [ok(check, `${kept.join(", ")}: the archive from before a restore; remove it when you no longer need it`)];
}
