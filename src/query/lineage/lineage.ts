import { sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { UsageError } from "../../lib/errors.ts";
import { findId, type FoundId } from "../find-id.ts";
import { ancestors, childrenOf, descendants, reach } from "./ids.ts";
import { nodesOf, stepsTo, stepsToTasks, uploadsOf, type LineageEdge, type LineageNode } from "./rows.ts";

/** A family: everything that a clip was made from, and everything made from any of that. */
export type Lineage = {
  kind: FoundId["kind"] | "unknown";
  id: string;
  /** The clips without a parent; in a circle, its oldest member. */
  roots: string[];
  /** Oldest first. The second parent of a swap is included too when it is outside the family, without its own family. */
  nodes: LineageNode[];
  edges: LineageEdge[];
};

/**
 * The family of a clip, or of all clips that a task shows, by an id or the beginning of one; also of an id that is only
 * known because something was made from it. Throws UsageError.
 */
export function lineage(db: Database, text: string): Lineage {
  const found = findInLineage(db, text);
  const start = startingClips(db, found);
  const above = ancestors(db, [...start, ...parentsOfBareTask(db, found, start)]);
  const family = descendants(db, above);
  const edges = unique([...stepsTo(db, family), ...stepsToTasks(db, family)]);
  const ids = new Set([...family, ...edges.flatMap(({ from, to }) => [from, to])]);
  const nodes = readNodes(db, [...ids], edges)
    .map((node) => ({ ...node, asked: start.includes(node.id) }))
    .toSorted(oldestFirst);
  const inFamily = new Set(above);
  return {
    ...found,
    roots: rootsOf(
      nodes.filter(({ id }) => inFamily.has(id)),
      edges,
    ),
    nodes,
    edges,
  };
}

export type Relative = { id: string; title: string | null; action: string | null; role: LineageEdge["role"] };

/** What a clip was made from and what was made from it, in one step; oldest first. */
export function relatives(db: Database, clipId: string): { madeFrom: Relative[]; madeInto: Relative[] } {
  const up = unique(stepsTo(db, [clipId]));
  const children = db.all<{ id: string }>(sql`select clip_id as id from ${childrenOf(clipId)}`).map(({ id }) => id);
  const down = unique(stepsTo(db, children)).filter(({ from }) => from === clipId);
  const ids = [...up.map(({ from }) => from), ...down.map(({ to }) => to)];
  const titles = new Map(nodesOf(db, ids).map(({ id, title }) => [id, title]));
  const toRelative = (id: string, { action, role }: LineageEdge) => ({
    id,
    title: titles.get(id) ?? null,
    action,
    role,
  });
  return {
    madeFrom: up.map((edge) => toRelative(edge.from, edge)),
    madeInto: down.map((edge) => toRelative(edge.to, edge)),
  };
}

/** The clips at which the lineage of an id, or of the beginning of one, starts. Throws UsageError. */
export function lineageStart(db: Database, text: string): string[] {
  return startingClips(db, findInLineage(db, text));
}

/** Compares for the order oldest first, those without a date last. */
export function oldestFirst(
  one: Pick<LineageNode, "createdAt" | "id">,
  other: Pick<LineageNode, "createdAt" | "id">,
): number {
  const [before, after] = [one.createdAt ?? "~", other.createdAt ?? "~"];
  return before === after ? (one.id < other.id ? -1 : 1) : before < after ? -1 : 1;
}

type Start = { kind: Lineage["kind"]; id: string };

/** As findId, and accepts an id that is not in the archive when something in it was made from it. */
function findInLineage(db: Database, text: string): Start {
  try {
    return findId(db, text);
  } catch (error) {
    const id = text.trim();
    const isParent = db.get(sql`
      select 1 from tasks where reference_audio_id = ${id} union all select 1 from tasks where swap_audio_id = ${id} limit 1`);
    if (isParent && error instanceof UsageError) return { kind: "unknown", id };
    throw error;
  }
}

/** The clips that a task shows or, for an upload, brought; the task itself when there is none. */
function startingClips(db: Database, { kind, id }: Start): string[] {
  if (kind !== "task") return [id];
  const shown = db.all<{ id: string }>(sql`select distinct clip_id as id from task_clips where task_id = ${id}`);
  const brought = shown.length > 0 ? shown : uploadsOf(db, { taskId: id });
  return brought.length > 0 ? brought.map((one) => one.id) : [id];
}

function parentsOfBareTask(db: Database, { kind, id }: Start, start: string[]): string[] {
  if (kind !== "task" || start[0] !== id) return [];
  const rows = db.all<{ id: string | null }>(sql`
    select reference_audio_id as id from tasks where id = ${id} union select swap_audio_id from tasks where id = ${id}`);
  return rows.flatMap((row) => row.id ?? []);
}

/** One step for each pair of parent and child: several tasks may show a clip with the same parents. */
function unique(edges: LineageEdge[]): LineageEdge[] {
  const sorted = edges.toSorted((one, other) =>
    oldestFirst({ ...one, id: one.taskId }, { ...other, id: other.taskId }),
  );
  const first = new Map<string, LineageEdge>();
  for (const edge of sorted) {
    const key = JSON.stringify([edge.from, edge.to, edge.role]);
    if (!first.has(key)) first.set(key, edge);
  }
  return [...first.values()];
}

function readNodes(db: Database, ids: string[], edges: LineageEdge[]): Omit<LineageNode, "asked">[] {
  const known = new Map(nodesOf(db, ids).map((node) => [node.id, node]));
  const unknown = ids.filter((id) => !known.has(id));
  const made = new Set(edges.filter(({ action }) => action?.startsWith("upload")).map(({ from }) => from));
  const uploaded = unknown.filter((id) => made.has(id));
  if (uploaded.length > 0) for (const node of uploadsOf(db, { ids: uploaded })) known.set(node.id, node);
  return ids.map((id) => known.get(id) ?? placeholder(id));
}

function placeholder(id: string): Omit<LineageNode, "asked"> {
  const nothing = { taskId: null, title: null, model: null, state: null, createdAt: null };
  return { id, kind: "unknown", ...nothing, removed: false, purged: false };
}

/** The members without a parent; when every one has a parent they form a circle, and its oldest member is the root. */
function rootsOf(nodes: LineageNode[], edges: LineageEdge[]): string[] {
  const members = new Set(nodes.map(({ id }) => id));
  const steps = edges.filter(({ from, to }) => members.has(from) && members.has(to));
  const children = Map.groupBy(steps, ({ from }) => from);
  const hasParent = new Set(steps.map(({ to }) => to));
  const reached = new Set<string>();
  const roots: string[] = [];
  for (const { id } of [...nodes.filter((node) => !hasParent.has(node.id)), ...nodes]) {
    if (reached.has(id)) continue;
    roots.push(id);
    reach([id], children, reached);
  }
  return roots;
}
