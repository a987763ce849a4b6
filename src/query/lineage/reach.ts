import type { LineageEdge } from "./rows.ts";

/** Adds `ids` to `reached`, and whatever the steps (by where they begin) lead to from there. */
export function reach(ids: string[], steps: Map<string, LineageEdge[]>, reached: Set<string>): void {
  const open = [...ids];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    for (const { to } of steps.get(id) ?? []) open.push(to);
  }
}
