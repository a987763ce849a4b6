import type { Database } from "../db/connection.ts";
import { findId } from "./find-id.ts";

/** Characters to begin with, and how many more at a time. */
const FEWEST = 8;
const MORE = 5;

/** The beginning of an id that `show`, `why` and `tag` take for this id and no other; the whole id where there is none. */
export function shortId(db: Database, id: string): string {
  const [, whole = id, position = ""] = /^(.{36})(_\d+)$/.exec(id) ?? [];
  for (let length = FEWEST; length < whole.length; length += MORE) {
    const start = id.slice(0, length) + position;
    if (finds(db, start, id)) return start;
  }
  return id;
}

function finds(db: Database, start: string, id: string): boolean {
  try {
    return findId(db, start).id === id;
  } catch {
    return false; // ambiguous
  }
}
