/** A statement must begin with one of these; together with `reader` and `readonly` of the prepared statement, nothing can write. */
const READING = ["select", "with", "values", "explain"];
/** What SQLite skips before a statement: five kinds of blank, a byte order mark, comments. */
const SKIPPED = /^(?:[ \t\n\f\r\ufeff]+|--[^\n]*(?:\n|$)|\/\*[^]*?(?:\*\/|$))/;

/**
 * Why the text is refused before SQLite sees it; undefined when it may be prepared. `readonly` alone is no sandbox:
 * ATTACH reads other files, VACUUM INTO writes one, some PRAGMAs that return rows change the connection.
 */
export function refuseBeforePrepare(sql: string): string | undefined {
  if (sql.includes("\0")) return "the query contains a NUL character";
  const word = firstWord(sql);
  if (word === undefined) return "there is no statement in the query";
  if (READING.includes(word.toLowerCase())) return undefined;
  return `${word.slice(0, 40)} is refused: a query begins with SELECT, WITH, VALUES or EXPLAIN`;
}

/** Why a prepared statement is refused: it returns no rows, or it would write (a WITH before INSERT ... RETURNING). */
export function refuseBeforeRun(statement: { reader: boolean; readonly: boolean }): string | undefined {
  if (!statement.readonly) return "the query would write: only reading is allowed";
  return statement.reader ? undefined : "the query returns no rows: only reading is allowed";
}

/** The first word after blanks and comments; a single character when that is not a word; undefined at the end. */
export function firstWord(sql: string): string | undefined {
  let rest = sql;
  for (let skipped = SKIPPED.exec(rest); skipped; skipped = SKIPPED.exec(rest)) rest = rest.slice(skipped[0].length);
  return /^(?:[a-z_]+|[^])/iu.exec(rest)?.[0];
}
