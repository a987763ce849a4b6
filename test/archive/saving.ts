import {
  createRecordSaver,
  type IncomingRecord,
  type RecordSaver,
  type SavedRecord,
} from "../../src/archive/records.ts";
import { track } from "../../src/archive/tracking.ts";
import { mapRecord } from "../../src/record/map.ts";
import { readRecord, readResult } from "../../src/record/wire.ts";
import { nextCheckAt } from "../../src/record/schedule.ts";
import type { TemporaryArchive } from "../helpers/temporary-archive.ts";

export const NOW = Date.UTC(2026, 10, 22);

/** What is known of a stored file, without its path, size and digest. */
export const FACTS = {
  contentType: null,
  etag: null,
  lastModified: null,
  durationSeconds: null,
  proof: null,
  note: null,
  httpStatus: 200,
};

/** A record as it would come out of an answer. */
export function incoming(document: string, isPrimary = true): IncomingRecord {
  const reading = readRecord(document);
  if (!("record" in reading)) throw new Error(`cannot be read: ${JSON.stringify(reading)}`);
  return { mapped: mapRecord(reading.record), document, kind: "record", isPrimary };
}

/** The body of a callback as it would come out of a file. */
export function result(taskId: string, document: string): IncomingRecord {
  const reading = readResult(taskId, document);
  if (!("record" in reading)) throw new Error(`cannot be read: ${JSON.stringify(reading)}`);
  return { mapped: mapRecord(reading.record, true), document, kind: "result", isPrimary: true };
}

/** Saves records one after the other, each an answer of its own, a second apart; their ids are tracked. */
export function saveAll(
  archive: TemporaryArchive,
  records: (string | object | IncomingRecord)[],
  save?: RecordSaver,
): SavedRecord[] {
  const saver = save ?? createRecordSaver(archive.db, archive.journal);
  return records.flatMap((record, second) => {
    const one =
      typeof record === "string" ? incoming(record) : "mapped" in record ? record : incoming(JSON.stringify(record));
    track(archive, [one.mapped.task.id], { source: "test", now: NOW, explicit: true });
    return saver([one], { now: NOW + second * 1000, nextCheckAt: (state, at) => nextCheckAt(state, at, NOW) });
  });
}

/** All rows of a query. */
export function rows({ db }: TemporaryArchive, query: string): Record<string, unknown>[] {
  return db.$client.prepare(query).all() as Record<string, unknown>[];
}

/** The first column of the first row. */
export function value({ db }: TemporaryArchive, query: string): unknown {
  return db.$client.prepare(query).pluck().get();
}
