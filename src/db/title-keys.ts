import type Sqlite from "better-sqlite3";
import { toSortText } from "../lib/text/search-text.ts";

/** What lists sort a title by; null for none. */
export function titleKeyOf(title: string | null | undefined): string | null {
  return title === null || title === undefined ? null : toSortText(title);
}

/** Adds the SQL function `title_key(title)`, for queries and a migration. */
export function addTitleKeyFunction(client: Sqlite.Database): void {
  client.function("title_key", { deterministic: true }, (title) => titleKeyOf(title as string | null));
}
