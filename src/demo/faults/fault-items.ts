import type { Fault, ItemsFault } from "./faults.ts";

/** The items of a batch (JSON texts with their ids) and its count, before they are joined. */
export type Batch = { items: { id: string; text: string }[]; count: number };

/** `unasked` gives the nth record that a fault may slip in. */
export function damageItems(
  batch: Batch,
  faults: Fault[],
  unasked: (n: number) => { id: string; text: string },
): Batch {
  return faults.reduce((now, fault) => (fault.kind === "items" ? damageOnce(now, fault, unasked) : now), batch);
}

function damageOnce({ items, count }: Batch, fault: ItemsFault, unasked: (n: number) => { id: string; text: string }) {
  let now = leaveOut(items, fault.missing ?? 0);
  now = [...now, ...Array.from({ length: fault.unasked ?? 0 }, (_, n) => unasked(n))];
  if (fault.duplicates === true) now = now.flatMap((item) => [item, item]);
  if (fault.reversed === true) now = now.toReversed();
  const whole = now.length - (fault.emptyObjects ?? 0);
  now = now.map((item, index) => (index < whole ? item : { id: "", text: "{}" }));
  return { items: now, count: fault.count ?? count };
}

function leaveOut(items: Batch["items"], missing: number | string[]): Batch["items"] {
  return typeof missing === "number" ? items.slice(missing) : items.filter(({ id }) => !missing.includes(id));
}
