import { createRecordSaver, type IncomingRecord } from "../archive/records.ts";
import { isTracked, track } from "../archive/tracking.ts";
import type { Config } from "../config.ts";
import { mapRecord } from "../record/map.ts";
import { nextCheckAt } from "../record/schedule.ts";
import { readResult } from "../record/wire.ts";
import { changeArchive } from "./write-archive.ts";

/** The body of a callback, character by character, and the task id that it names, in lower case. */
export type Callback = { taskId: string; document: string };

/** `dropped`: an id that nobody here has asked to mirror. */
export type TakenCallback = "taken" | "dropped";

/**
 * Takes callbacks into the archive in one change: when this returns, they are on the disk. A body is only a hint, because
 * nobody signs it: it is kept as a version that no row is made of, so none of its addresses is ever fetched; the record
 * that the API gives counts. Throws as changeArchive does; nothing is taken then.
 */
export function takeCallbacks(
  config: Config,
  callbacks: Callback[],
  { trackNew, now }: { trackNew: boolean; now: number },
): TakenCallback[] {
  return changeArchive(config, ({ db, journal }) => {
    const ids = [...new Set(callbacks.map(({ taskId }) => taskId))];
    if (trackNew) track({ db, journal }, ids, { source: "callback", now, explicit: false });
    const known = new Set(ids.filter((id) => isTracked(db, id)));
    const save = createRecordSaver(db, journal);
    const taken = callbacks.filter(({ taskId }) => known.has(taskId));
    save(taken.flatMap(toIncoming), { now, nextCheckAt: (state, createdAt) => nextCheckAt(state, createdAt, now) });
    return callbacks.map(({ taskId }) => (known.has(taskId) ? "taken" : "dropped"));
  });
}

/** A body that cannot be read as a result is a hint all the same. */
function toIncoming({ taskId, document }: Callback): IncomingRecord[] {
  const reading = readResult(taskId, document);
  if (!("record" in reading)) return [];
  const mapped = mapRecord({ ...reading.record, id: taskId }, true);
  return [{ mapped, document, kind: "result", isPrimary: false }];
}
