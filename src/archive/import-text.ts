import type { Journal } from "./journal/entry.ts";
import { createRecordSaver, type IncomingRecord, type SavedRecord } from "./records.ts";
import { track } from "./tracking.ts";
import type { Database } from "../db/connection.ts";
import { findRecords, type FoundRecord } from "../record/find-records.ts";
import { mapRecord } from "../record/map.ts";
import type { PickedIds } from "../record/ids/collector.ts";
import { pickIds } from "../record/pick-ids.ts";
import { readRecord, readResult, type Reading } from "../record/wire.ts";
import { nextCheckAt } from "../record/schedule.ts";

export type ImportedText = Omit<PickedIds, "ids"> & {
  added: number;
  alreadyTracked: number;
  /** Whole records that the text held. */
  records: number;
  saved: SavedRecord[];
  unreadable: { id: string; why: string }[];
};

export type ImportOptions = {
  source: string;
  now: number;
  /** The user named the text now: an id that was untracked is tracked again, and a record may replace the one that is here. */
  explicit: boolean;
};
const BATCH = 200;

/** Takes saved text into the archive, offline: its ids are tracked, its whole records imported as they are. */
export function importText(
  archive: { db: Database; journal: Journal },
  text: string,
  options: ImportOptions,
): ImportedText {
  const { ids, ...picked } = pickIds(text);
  const read = findRecords(text).map((found) => ({ ...found, reading: readFound(found) }));
  const wanted = [...new Set([...ids, ...read.map((found) => found.taskId)])];
  const counts = track(archive, wanted, options);
  const save = createRecordSaver(archive.db, archive.journal);
  const incoming = read.flatMap(toIncoming).map((record) => ({ ...record, keepsCurrent: !options.explicit }));
  const saved: SavedRecord[] = [];
  const schedule = (state: string, createdAt: number | null) => nextCheckAt(state, createdAt, options.now);
  for (let at = 0; at < incoming.length; at += BATCH) {
    saved.push(...save(incoming.slice(at, at + BATCH), { now: options.now, nextCheckAt: schedule }));
  }
  const unreadable = read.flatMap(({ taskId, reading }) =>
    "unreadable" in reading ? [{ id: taskId, why: reading.unreadable }] : [],
  );
  return { ...picked, ...counts, records: read.length, saved, unreadable };
}

function readFound({ kind, taskId, document }: FoundRecord): Reading {
  return kind === "record" ? readRecord(document) : readResult(taskId, document);
}

function toIncoming({ kind, taskId, document, reading }: FoundRecord & { reading: Reading }): IncomingRecord[] {
  if (!("record" in reading)) return [];
  return [{ mapped: mapRecord({ ...reading.record, id: taskId }, kind === "result"), document, kind, isPrimary: true }];
}
