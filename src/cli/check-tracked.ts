import type { RunArchive } from "../app.ts";
import { isTracked } from "../archive/tracking.ts";
import type { Config } from "../config.ts";
import { UsageError } from "../lib/errors.ts";
import { hasTracked } from "../query/standing.ts";

/** Throws UsageError when a named id is not tracked, or when nothing is. Files alone may be fetched all the same. */
export function checkTracked({ db }: Pick<RunArchive, "db">, ids: string[], config: Config, assetsOnly: boolean): void {
  const unknown = ids.filter((id) => !isTracked(db, id.toLowerCase()));
  if (unknown.length > 0)
    throw new UsageError(`not tracked: ${unknown.join(", ")}`, {
      code: "not_tracked",
      hint: "track it first: producer-mirror track <id>",
    });
  if (assetsOnly || config.from.length > 0 || hasTracked(db)) return;
  throw new UsageError(`nothing is tracked in ${config.home}`, {
    code: "nothing_tracked",
    hint: "producer-mirror track <id>, or track --file FILE",
  });
}
