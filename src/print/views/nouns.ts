import type { ByKind } from "../../lib/asset-kinds.ts";
import { countOf } from "../output/numbers.ts";

/** How a person calls a file of each kind. */
const NAMES: Record<string, string> = { audio: "song", image: "cover", wav: "wav file", stems: "stems file" };

export function fileNoun(kind: string): string {
  return NAMES[kind] ?? kind;
}

/** `108 songs and 12 covers`; kinds without any are left out. */
export function filesText(counts: ByKind): string {
  const parts = Object.entries(counts).flatMap(([kind, files]) => (files ? [countOf(files, fileNoun(kind))] : []));
  return parts.length < 3 ? parts.join(" and ") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}
