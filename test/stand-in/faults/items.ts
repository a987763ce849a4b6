import type { Batch } from "../../../src/demo/service/api-routes.ts";
import { makeRecord } from "../make-record.ts";
import type { Fault, ItemsFault } from "./faults.ts";

/** The batch with its items as the faults want them. */
export function damageItems(batch: Batch, faults: Fault[]): Batch {
  return faults.reduce((damaged, fault) => (fault.kind === "items" ? damageOnce(damaged, fault) : damaged), batch);
}

function damageOnce({ items, count }: Batch, fault: ItemsFault): Batch {
  let damaged = leaveOut(items, fault.missing ?? 0);
  damaged = [...damaged, ...Array.from({ length: fault.unrequested ?? 0 }, (_, n) => unrequestedItem(n))];
  if (fault.duplicates === true) damaged = damaged.flatMap((item) => [item, item]);
  if (fault.reversed === true) damaged = damaged.toReversed();
  const firstEmpty = damaged.length - (fault.emptyObjects ?? 0);
  damaged = damaged.map((item, index) => (index < firstEmpty ? item : { id: "", text: "{}" }));
  return { items: damaged, count: fault.count ?? count };
}

function leaveOut(items: Batch["items"], missing: number | string[]): Batch["items"] {
  return typeof missing === "number" ? items.slice(missing) : items.filter(({ id }) => !missing.includes(id));
}

/** A record of another account. */
function unrequestedItem(n: number): Batch["items"][number] {
  const record = makeRecord(n, {}, { seed: "somebody else" });
  return { id: record.id, text: JSON.stringify(record) };
}
