import type { About } from "../workers/about.ts";

/** How many lists are remembered: what a person goes back and forth between. */
const LISTS = 6;

const lists = new WeakMap<About["db"], Map<string, { version: number; value: unknown }>>();

/** What was read of the archive under a name, remembered until the archive changes. */
export function remembered<T>(db: About["db"], name: string, read: () => T): T {
  const version = Number(db.$client.pragma("data_version", { simple: true }));
  const all = lists.get(db) ?? new Map<string, { version: number; value: unknown }>();
  lists.set(db, all);
  const found = all.get(name);
  all.delete(name);
  const list = found?.version === version ? found : { version, value: read() };
  all.set(name, list);
  if (all.size > LISTS) all.delete(all.keys().next().value ?? "");
  return list.value as T;
}
