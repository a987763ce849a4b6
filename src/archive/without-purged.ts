import { mapRecord, type MappedRecord } from "../record/map.ts";
import { redactDocument } from "../record/redact.ts";
import { readRecord, readResult } from "../record/wire.ts";

type Told = { mapped: MappedRecord; document: string; kind: "record" | "result" };

/**
 * A record as it may be kept: what it tells of clips that their owner purged is blanked before anything is made of it,
 * the whole of it where it shows no other.
 */
export function withoutPurged<Record extends Told>(record: Record, purged: ReadonlySet<string>): Record {
  const { mapped, kind } = record;
  const taskId = mapped.task.id;
  const gone = mapped.clips.map(({ id }) => id).filter((id) => purged.has(id));
  if (gone.length === 0) return record;
  const only = gone.length === mapped.clips.length ? undefined : gone;
  const document = redactDocument(record.document, taskId, only);
  const reading = kind === "record" ? readRecord(document) : readResult(taskId, document);
  if (!("record" in reading)) throw new Error(`task ${taskId} cannot be read any more once it is blanked`);
  return { ...record, document, mapped: mapRecord({ ...reading.record, id: taskId }, kind === "result") };
}
