import { sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { UsageError } from "../../lib/errors.ts";
import { foldTag } from "../../lib/text/tag-names.ts";

/** The id of the playlist with this name, upper and lower case apart, or with this id. Throws UsageError. */
export function findPlaylist(db: Database, text: string): string {
  const all = db.all<{ id: string; name: string }>(sql`select id, name from playlists order by name`);
  const wanted = foldTag(text.trim());
  const found = all.find(({ id }) => id === text) ?? all.find(({ name }) => foldTag(name) === wanted);
  if (found) return found.id;
  throw new UsageError(`there is no playlist ${JSON.stringify(text.slice(0, 200))}`, {
    code: "not_found",
    hint: "`producer-mirror playlist list` shows them all",
  });
}
