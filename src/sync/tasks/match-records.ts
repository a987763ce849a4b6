import type { ReceivedRecord } from "../../api/client.ts";
import type { IncomingRecord } from "../../archive/records.ts";
import { mapRecord, richness, type MappedRecord } from "../../record/map.ts";

/** An answer set against what was asked: by id, never by place or count. */
export type MatchedRecords = {
  incoming: IncomingRecord[];
  unreadable: { id: string; why: string; document: string }[];
  notReturned: string[];
  /** Records that nobody asked for; `{}` among them is nothing at all. */
  unasked: number;
};

/** The same id twice in one answer: the first stands unless a later one is richer; each differing copy is kept. */
export function matchRecords(ids: string[], answers: ReceivedRecord[]): MatchedRecords {
  const asked = new Set(ids);
  const copies = new Map<string, { mapped: MappedRecord; document: string }[]>();
  const unreadable = new Map<string, { why: string; document: string }>();
  let unasked = 0;
  for (const { document, reading } of answers) {
    const id = "absent" in reading ? undefined : reading.id?.toLowerCase();
    const wanted = id !== undefined && (asked.has(id) ? id : ids.find((candidate) => candidate.toLowerCase() === id));
    if (!wanted) unasked += "absent" in reading ? 0 : 1;
    else if ("record" in reading)
      push(copies, wanted, { mapped: mapRecord({ ...reading.record, id: wanted }), document });
    else if ("unreadable" in reading) unreadable.set(wanted, { why: reading.unreadable, document });
  }
  for (const id of copies.keys()) unreadable.delete(id);
  return {
    incoming: [...copies.values()].flatMap(toIncoming),
    unreadable: [...unreadable].map(([id, found]) => ({ id, ...found })),
    notReturned: ids.filter((id) => !copies.has(id) && !unreadable.has(id)),
    unasked,
  };
}

function toIncoming(copies: { mapped: MappedRecord; document: string }[]): IncomingRecord[] {
  const standing = copies.reduce((best, copy) => (richness(copy.mapped) > richness(best.mapped) ? copy : best));
  const ordered = [standing, ...copies.filter((copy) => copy !== standing && copy.document !== standing.document)];
  return ordered.map((copy) => ({ ...copy, kind: "record", isPrimary: copy === standing }));
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
