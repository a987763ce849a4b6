import type { About } from "../workers/about.ts";
import type { Filter } from "../../query/filter/filter.ts";

/** How many lists are remembered: what a person goes back and forth between. */
const LISTS = 6;

const lists = new WeakMap<About["db"], Map<string, { version: number; keys: number[] }>>();

/**
 * The row keys of a whole list, in its order, remembered until the archive changes: whoever scrolls asks for page after
 * page of the same list, from any index of it.
 */
export function orderedKeys(db: About["db"], name: string, filter: Filter, read: () => number[]): number[] {
  const version = Number(db.$client.pragma("data_version", { simple: true }));
  const remembered = lists.get(db) ?? new Map<string, { version: number; keys: number[] }>();
  lists.set(db, remembered);
  const key = `${name} ${JSON.stringify(filter)}`;
  const found = remembered.get(key);
  remembered.delete(key);
  const list = found?.version === version ? found : { version, keys: read() };
  remembered.set(key, list);
  if (remembered.size > LISTS) remembered.delete(remembered.keys().next().value ?? "");
  return list.keys;
}
