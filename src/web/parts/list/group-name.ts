import type { Grouping, ListGroup } from "../../../query/lists/arrange.ts";
import { dayName } from "./day-name.ts";

/** What the head of a group says. */
export function groupName({ key, title }: ListGroup, grouping: Grouping | null): string {
  if (grouping === "model") return key ?? "Model not known";
  if (grouping === "family") return key === null ? "Without a family" : title?.trim() || "Untitled";
  return dayName(key);
}
