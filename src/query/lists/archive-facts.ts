import { asc, eq, isNotNull, isNull } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { archiveInfo, assets, trackedTasks } from "../../db/schema.ts";

/** True when any task is tracked. */
export function hasTracked(db: Database): boolean {
  return (
    db.select({ id: trackedTasks.taskId }).from(trackedTasks).where(isNull(trackedTasks.untrackedAt)).limit(1).get() !==
    undefined
  );
}

/** A tracked id, preferably one that the API knows; undefined when nothing is tracked. */
export function someTrackedId(db: Database): string | undefined {
  const rows = db.select({ id: trackedTasks.taskId }).from(trackedTasks).where(isNull(trackedTasks.untrackedAt));
  return rows.orderBy(asc(trackedTasks.notSeen)).limit(1).get()?.id;
}

/** True when any file was ever stored: then an empty assets folder means that its disk is not mounted. */
export function hasStoredFiles(db: Database): boolean {
  return db.select({ id: assets.id }).from(assets).where(isNotNull(assets.path)).limit(1).get() !== undefined;
}

/** True for the archive that `demo` made: sync, watch and discover refuse it. */
export function isDemoArchive(db: Database): boolean {
  return (
    db.select({ value: archiveInfo.value }).from(archiveInfo).where(eq(archiveInfo.key, "kind")).get()?.value === "demo"
  );
}
