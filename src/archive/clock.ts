import { steadySince, timeGoneBy } from "../db/clock.ts";
import type { Database } from "../db/connection.ts";

/** Returns a function that says how long ago a moment certainly was, by what the archive knows of this machine's clock. */
export function ageByArchive(db: Database): (moment: number, now: number) => number {
  return (moment, now) => timeGoneBy(moment, now, steadySince(db, now));
}
