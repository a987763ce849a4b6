import { oldestFirst, type Lineage } from "./lineage.ts";
import { reach } from "./ids.ts";
import type { LineageEdge, LineageNode } from "./rows.ts";

/** One line of the family as a tree. */
export type TreeRow = {
  node: LineageNode;
  /** The step that leads here; null for a root. */
  edge: LineageEdge | null;
  depth: number;
  /** For each of the nearest levels above and its own, outermost first: whether more siblings follow. At most `LEVELS`. */
  more: boolean[];
  /** The number of levels above those of `more`. */
  levelsLeftOut: number;
  /** True when it was shown in full further up: a swap is listed below both parents, and a circle repeats. */
  again: boolean;
  /** Parents that are not in the tree. */
  alsoFrom: LineageNode[];
};

/** The number of levels that are drawn: a chain of 10,000 must not be 20,000 columns wide. */
const LEVELS = 8;

type Open = Pick<TreeRow, "node" | "edge" | "depth" | "more">;

/** The family from its roots down, each member in full once. Uses a stack of its own, so depth is not limited. */
export function* treeRows({ roots, nodes, edges }: Lineage): Generator<TreeRow> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const nodeOf = (id: string) => byId.get(id) as LineageNode;
  const steps = Map.groupBy(edges, ({ from }) => from);
  const parents = Map.groupBy(edges, ({ to }) => to);
  const inTree = new Set<string>();
  reach(roots, steps, inTree);
  const shown = new Set<string>();
  const open: Open[] = roots.toReversed().map((id) => ({ node: nodeOf(id), edge: null, depth: 0, more: [] }));
  for (let row = open.pop(); row; row = open.pop()) {
    const again = shown.has(row.node.id);
    const outside = new Set((parents.get(row.node.id) ?? []).map(({ from }) => from).filter((id) => !inTree.has(id)));
    yield {
      ...row,
      levelsLeftOut: Math.max(0, row.depth - LEVELS),
      again,
      alsoFrom: again ? [] : [...outside].map(nodeOf),
    };
    if (again) continue;
    shown.add(row.node.id);
    const below = (steps.get(row.node.id) ?? []).map((edge) => ({ edge, node: nodeOf(edge.to) }));
    const { depth, more } = row;
    below.sort((one, other) => oldestFirst(one.node, other.node));
    const children = below.map((child, at) => ({
      ...child,
      depth: depth + 1,
      more: [...more, at < below.length - 1].slice(-LEVELS),
    }));
    for (const child of children.toReversed()) open.push(child);
  }
}
