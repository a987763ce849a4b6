import { sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { REMOVED_KEYS } from "../filter/clip-conditions.ts";

/** The clips of an archive; `removed` ones (`rm`) are in no other number. */
export function countSongs(db: Database): { clips: number; removed: number } {
  return db.get<{ clips: number; removed: number }>(sql`
    select (select count(*) from clips) - (select count(*) from ${REMOVED_KEYS}) as clips,
      (select count(*) from ${REMOVED_KEYS}) as removed`);
}
