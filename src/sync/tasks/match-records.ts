import type { ReceivedRecord } from "../../api/client.ts";
import type { IncomingRecord } from "../../archive/records.ts";
import { mapRecord, richness, type MappedRecord } from "../../record/map.ts";

/** The records of a response, matched with the requested ids: by id, never by position or number. */
export type MatchedRecords = {
  incoming: IncomingRecord[];
  unreadable: { id: string; why: string; document: string }[];
  notReturned: string[];
  /** How many records were not requested; `{}` is no record. */
  unrequested: number;
};

/** Of two records with the same id the richer one counts, of equals the first; each differing text is saved. */
export function matchRecords(ids: string[], received: ReceivedRecord[]): MatchedRecords {
  const requested = new Set(ids);
  const copies = new Map<string, { mapped: MappedRecord; document: string }[]>();
  const unreadable = new Map<string, { why: string; document: string }>();
  let unrequested = 0;
  for (const { document, reading } of received) {
    const id = "absent" in reading ? undefined : reading.id?.toLowerCase();
    const wanted =
      id !== undefined && (requested.has(id) ? id : ids.find((candidate) => candidate.toLowerCase() === id));
    if (!wanted) unrequested += "absent" in reading ? 0 : 1;
    else if ("record" in reading)
      push(copies, wanted, { mapped: mapRecord({ ...reading.record, id: wanted }), document });
    else if ("unreadable" in reading) unreadable.set(wanted, { why: reading.unreadable, document });
  }
  for (const id of copies.keys()) unreadable.delete(id);
  return {
    incoming: [...copies.values()].flatMap(toIncoming),
    unreadable: [...unreadable].map(([id, found]) => ({ id, ...found })),
    notReturned: ids.filter((id) => !copies.has(id) && !unreadable.has(id)),
    unrequested,
  };
}

function toIncoming(copies: { mapped: MappedRecord; document: string }[]): IncomingRecord[] {
  const best = copies.reduce((one, other) => (richness(other.mapped) > richness(one.mapped) ? other : one));
  const ordered = [best, ...copies.filter((copy) => copy !== best && copy.document !== best.document)];
  return ordered.map((copy) => ({ ...copy, kind: "record", isPrimary: copy === best }));
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
