import { safeLine } from "../../lib/text/terminal-safe.ts";
import type { Lineage } from "../../query/lineage/lineage.ts";
import type { LineageEdge, LineageNode } from "../../query/lineage/rows.ts";
import { nodeName, SHORT_ID, stepWords } from "./lineage-table.ts";

/**
 * The family as a Mermaid flowchart. It can be shared: clips are named by title and the beginning of their id, and no id of a
 * task is complete.
 */
export function mermaidOf({ nodes, edges }: Lineage): string {
  const names = new Map(nodes.map(({ id }, at) => [id, `n${at}`]));
  const asked = nodes.filter((node) => node.asked).map(({ id }) => names.get(id));
  return [
    "flowchart TD",
    ...nodes.map((node) => `  ${names.get(node.id)}["${nodeLabel(node)}"]`),
    ...edges.map((edge) => `  ${names.get(edge.from)} ${arrow(edge)}|"${stepLabel(edge)}"| ${names.get(edge.to)}`),
    "  classDef asked stroke-width:4px",
    ...(asked.length > 0 ? [`  class ${asked.join(",")} asked`] : []),
    "",
  ].join("\n");
}

function nodeLabel(node: LineageNode): string {
  const name = node.kind === "unknown" ? "not in the archive" : nodeName(node);
  return `${escapeLabel(name)}<br/>${escapeLabel(node.id.slice(0, SHORT_ID))}`;
}

function stepLabel(edge: LineageEdge): string {
  return escapeLabel([stepWords(edge), ...(edge.createdAt ? [edge.createdAt.slice(0, 10)] : [])].join(" · "));
}

function arrow({ role }: LineageEdge): string {
  return role === "swap" ? "-.->" : "-->";
}

/** Letters, digits and marks of any script are kept; whatever could be syntax becomes a numeric entity. */
function escapeLabel(text: string): string {
  return safeLine(text).replace(/[^\p{L}\p{N}\p{M} ,.()?!'_-]/gu, (found) => `#${found.codePointAt(0)};`);
}
