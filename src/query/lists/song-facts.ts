import type { Database } from "../../db/connection.ts";

/** What a clip was asked with, by its id. */
export function promptsOf(db: Database, clipIds: string[]): Map<string, string | null> {
  const rows = db.$client
    .prepare<[string], { id: string; prompt: string | null }>(
      "select clips.id, prompt from json_each(?) as wanted cross join clips on clips.id = wanted.value",
    )
    .all(JSON.stringify(clipIds));
  return new Map(rows.map(({ id, prompt }) => [id, prompt]));
}

/** The words of a clip; null when it has none. */
export function lyricOf(db: Database, clipId: string): string | null {
  return (
    db.$client.prepare<[string], string>("select lyric from clips where id = ?").pluck().get(clipId)?.trimEnd() || null
  );
}

/**
 * Changes whenever a song comes, goes, gets a file or another record; read from indexes alone. A change of rows by other
 * means (a rebuild by newer rules) may leave it as it is.
 */
export function songsFingerprint(db: Database): string {
  const facts = db.$client
    .prepare<[], Record<string, number | null>>(
      `select (select max(updated_at) from tasks) as updated,
        (select max(first_seen_at) from clips) as seen,
        (select count(*) || ' ' || max(removed_at) from clips where removed_at is not null) as removed,
        (select count(*) || ' ' || sum(bytes) from assets where state = 'stored' and kind = 'audio') as audio,
        (select count(*) || ' ' || sum(bytes) from assets where state = 'stored' and kind = 'image') as images`,
    )
    .get();
  return JSON.stringify(facts);
}

/** Changes with every change of the database that another connection made; costs nothing. */
export function dataVersion(db: Database): number {
  return db.$client.pragma("data_version", { simple: true }) as number;
}
