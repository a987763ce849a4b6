import { setImmediate } from "node:timers/promises";
import Sqlite from "better-sqlite3";
import { toIndexText, toOldIndexText } from "../lib/text/search-text.ts";
import { IntegrityError } from "../lib/errors.ts";

/** A drizzle database (connection.ts), of which only the better-sqlite3 client is used here. */
type Connection = { $client: Sqlite.Database };

const INDEX_CLIPS = `insert into clips_fts (rowid, title, lyric, prompt, sound)
  select rowid_key, index_text(title), index_text(lyric), index_text(prompt), index_text(sound) from clips`;

/** Connections whose new clips are indexed at the end of a batch instead of by a trigger. */
const batching = new WeakSet<Sqlite.Database>();

/** Adds the SQL functions that the triggers of objects.sql call. */
export function addFullTextFunctions(client: Sqlite.Database): void {
  for (const [name, convert] of [
    ["index_text", toIndexText],
    ["separate_cjk", toOldIndexText],
  ] as const)
    client.function(name, { deterministic: true }, (text) => (typeof text === "string" ? convert(text) : text));
  client.function("clips_wait", () => (batching.has(client) ? 1 : 0));
}

/** Whether the index is of schema 8 or before: marks end words there, and only Latin accents do not count. */
export function isOldIndex(connection: Connection): boolean {
  return !definition(connection.$client).includes("categories");
}

/** What is looked for in this index by a text: what the index would hold of it. */
export function indexTextOf(connection: Connection): (text: string) => string {
  return isOldIndex(connection) ? toOldIndexText : toIndexText;
}

/**
 * Indexes clips that are not indexed: saved before the index existed, or while its triggers were missing. `note` hears
 * when that takes a while.
 */
export function indexMissingClips(client: Sqlite.Database, note: (line: string) => void = () => {}): void {
  const missing = client
    .prepare<[], number>("select rowid_key from clips where rowid_key not in (select rowid from clips_fts) order by 1")
    .pluck()
    .all();
  if (missing.length > CHUNK) note(`indexing ${missing.length} songs for the search; this is done once`);
  const index = client.prepare<[string]>(`${INDEX_CLIPS} where rowid_key in (select value from json_each(?))`);
  let noted = performance.now();
  for (let at = 0; at < missing.length; at += CHUNK) {
    index.run(JSON.stringify(missing.slice(at, at + CHUNK)));
    if (performance.now() - noted < NOTE_EVERY_MS) continue;
    noted = performance.now();
    note(`indexed ${Math.min(at + CHUNK, missing.length)} of ${missing.length} songs`);
  }
}

const NOTE_EVERY_MS = 3000;

/** Clips per statement; the signal is checked between statements. */
const CHUNK = 2000;

/**
 * Rebuilds the whole index, whatever state it is in; returns the number of clips. Throws the signal's reason, and then the
 * index is unchanged. Nothing else may use the connection at the same time.
 */
export async function rebuildFullTextIndex(
  { $client: client }: Connection,
  signal: AbortSignal,
  onProgress: (clips: number) => void = () => {},
): Promise<number> {
  const createTable = definition(client);
  client.exec("begin immediate");
  try {
    client.exec("drop table clips_fts");
    client.exec(createTable);
    const clips = await indexInChunks(client, signal, onProgress);
    client.exec("commit");
    return clips;
  } catch (error) {
    if (client.inTransaction) client.exec("rollback");
    throw error;
  }
}

async function indexInChunks(client: Sqlite.Database, signal: AbortSignal, onProgress: (clips: number) => void) {
  const end = client
    .prepare<[number], number>(
      `select max(rowid_key) from (select rowid_key from clips where rowid_key > ? order by rowid_key limit ${CHUNK})`,
    )
    .pluck();
  const index = client.prepare<[number, number]>(`${INDEX_CLIPS} where rowid_key > ? and rowid_key <= ?`);
  let clips = 0;
  for (let from = 0, to = end.get(from); to; from = to, to = end.get(from)) {
    signal.throwIfAborted();
    clips += index.run(from, to).changes;
    onProgress(clips);
    await setImmediate();
  }
  return clips;
}

/**
 * Returns a function that runs work inside a transaction and then indexes its new clips in one statement. FTS5 flushes
 * what it has gathered before each further statement: indexing clip by clip took a fifth of a first sync.
 */
export function prepareBatchIndexing({ $client: client }: Connection): <T>(work: () => T) => T {
  const last = client.prepare<[], number>("select coalesce(max(rowid_key), 0) from clips").pluck();
  const index = client.prepare<[number]>(`${INDEX_CLIPS} where rowid_key > ?`);
  return (work) => {
    const before = last.get() ?? 0;
    batching.add(client);
    try {
      const result = work();
      index.run(before);
      return result;
    } finally {
      batching.delete(client);
    }
  };
}

/** Whether FTS5 accepts an expression, which it may refuse for its size. Tried on an empty index, since on a full one it would cost a search. */
export function acceptsExpression({ $client: client }: Connection, expression: string): boolean {
  const empty = new Sqlite(":memory:");
  try {
    empty.exec(definition(client));
    empty.prepare("select 1 from clips_fts where clips_fts match ?").get(expression);
    return true;
  } catch (error) {
    if (!/^fts5/i.test((error as Error).message)) throw error;
    return false;
  } finally {
    empty.close();
  }
}

function definition(client: Sqlite.Database): string {
  const made = client.prepare<[], string>("select sql from sqlite_schema where name = 'clips_fts'").pluck().get();
  if (made === undefined)
    throw new IntegrityError("the database is damaged: its full-text index is missing", {
      hint: "`producer-mirror rebuild` rebuilds it from the journal and the files, which are untouched; or `restore` a backup",
    });
  return made;
}
