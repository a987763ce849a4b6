import { mapRecord, type MappedRecord } from "../record/map.ts";
import { redactDocument } from "../record/redact.ts";
import { readRecord, readResult } from "../record/wire.ts";

type RecordText = { mapped: MappedRecord; document: string; kind: "record" | "result" };

/**
 * A record as it may be saved: the texts of purged clips are blanked before anything is read from it, and all of its
 * texts when every clip in it is purged.
 */
export function withoutPurged<Record extends RecordText>(record: Record, purged: ReadonlySet<string>): Record {
  const { mapped, kind } = record;
  const taskId = mapped.task.id;
  const purgedIds = mapped.clips.map(({ id }) => id).filter((id) => purged.has(id));
  if (purgedIds.length === 0) return record;
  const only = purgedIds.length === mapped.clips.length ? undefined : purgedIds;
  const document = redactDocument(record.document, taskId, only);
  const reading = kind === "record" ? readRecord(document) : readResult(taskId, document);
  if (!("record" in reading)) throw new Error(`task ${taskId} can no longer be read after its texts were blanked`);
  return { ...record, document, mapped: mapRecord({ ...reading.record, id: taskId }, kind === "result") };
}
