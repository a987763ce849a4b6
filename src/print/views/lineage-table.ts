import { clockTime } from "../../lib/time/durations.ts";
import type { LineageEdge, LineageNode } from "../../query/lineage/rows.ts";
import type { TreeRow } from "../../query/lineage/tree.ts";
import { stateWord } from "./state-word.ts";
import type { Listing } from "../output/rows.ts";

/** Characters of an id: enough for `show`. */
export const SHORT_ID = 8;

/** The family as a table whose first column is the tree. */
export const TREE_LISTING: Listing<TreeRow> = {
  fields: [],
  columns: [
    { title: "song", text: songCell, overflow: "shrink" },
    { title: "how", text: ({ edge, node }) => (edge ? stepWords(edge) : origin(node)), overflow: "shrink" },
    { title: "created", text: ({ node }) => node.createdAt?.slice(0, 10) ?? "" },
    { title: "id", text: ({ node }) => node.id.slice(0, SHORT_ID) },
  ],
};

/** A title, or what stands for one; and what became of it. */
export function nodeName({ kind, id, title, state, removed, purged }: LineageNode): string {
  if (kind === "unknown") return `not in the archive: ${id}`;
  const name = title?.trim() || (purged ? "texts purged" : kind === "upload" ? "an upload" : "untitled");
  const words = [
    ...(kind === "task" && state === "succeeded" ? ["no clip of its own"] : []),
    ...(kind !== "upload" && state !== "succeeded" ? [stateWord(state ?? "unknown")] : []),
    ...(purged ? ["purged"] : removed ? ["removed"] : []),
  ];
  return words.length > 0 ? `${name} (${words.join(", ")})` : name;
}

/** `extend from 0:12`, `replace_section 0:01 to 0:03`, `swap_vocals, swapped in` */
export function stepWords({
  action,
  role,
  continueAt,
  replaceSectionStart: start,
  replaceSectionEnd: end,
}: LineageEdge): string {
  const name = action?.trim() || "made from";
  if (role === "swap") return `${name}, swapped in`;
  if (action?.includes("extend") && continueAt !== null) return `${name} from ${clockTime(continueAt)}`;
  if (action?.includes("replace") && start !== null && end !== null)
    return `${name} ${clockTime(start)} to ${clockTime(end)}`;
  return name;
}

function songCell({ node, edge, more, levelsLeftOut, again, alsoFrom }: TreeRow): string {
  const name = `${branch(edge !== null, more, levelsLeftOut)}${node.asked ? "▸ " : ""}${nodeName(node)}`;
  if (again) return `${name} (above)`;
  return [name, ...alsoFrom.map((other) => `with ${nodeName(other)} ${other.id.slice(0, SHORT_ID)}`)].join(" · ");
}

/** The lines of the tree; far down only the nearest levels are drawn, after the number of those left out. */
function branch(hasParent: boolean, more: boolean[], leftOut: number): string {
  if (!hasParent) return "";
  const guides = more.slice(0, -1).map((follows) => (follows ? "│ " : "  "));
  const above = leftOut > 0 ? `+${leftOut} ` : "";
  return `${above}${guides.join("")}${more.at(-1) ? "├─" : "└─"} `;
}

function origin({ kind }: LineageNode): string {
  return kind === "upload" ? "upload" : "";
}
