import { setImmediate } from "node:timers/promises";
import Sqlite from "better-sqlite3";
import { separateCjk } from "../lib/text/cjk.ts";
import { IntegrityError } from "../lib/errors.ts";

/** A drizzle database (connection.ts), of which only the better-sqlite3 client is used here. */
type Connection = { $client: Sqlite.Database };

const INDEX_CLIPS = `insert into clips_fts (rowid, title, lyric, prompt, sound)
  select rowid_key, separate_cjk(title), separate_cjk(lyric), separate_cjk(prompt), separate_cjk(sound) from clips`;

/** Connections whose new clips are indexed at the end of a batch instead of by a trigger. */
const batching = new WeakSet<Sqlite.Database>();

/** Adds the SQL functions that the triggers of objects.sql call. */
export function addFullTextFunctions(client: Sqlite.Database): void {
  client.function("separate_cjk", { deterministic: true }, (text) =>
    typeof text === "string" ? separateCjk(text) : text,
  );
  client.function("clips_wait", () => (batching.has(client) ? 1 : 0));
}

/** Indexes clips that are not indexed: saved before the index existed, or while its triggers were missing. */
export function indexMissingClips(client: Sqlite.Database): void {
  client.exec(`${INDEX_CLIPS} where rowid_key not in (select rowid from clips_fts)`);
}

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
