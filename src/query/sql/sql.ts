import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { QueryError } from "../../lib/errors.ts";
import type { ExactCell } from "./cells.ts";
import { refuseBeforePrepare } from "./gate.ts";
import { watchChild, type Watch } from "./limits.ts";
import type { Limits, SqlMessage, SqlRequest, SqlValue } from "./messages.ts";

export type SqlOptions = SqlRequest & { signal: AbortSignal };
export type SqlRow = Record<string, SqlValue>;

/** An answer that is still arriving; disposing ends the child that gives it. */
export type SqlAnswer = AsyncDisposable & {
  columns: string[];
  /** To be gone through once, or `batches` instead. Throws QueryError. */
  rows: AsyncGenerator<SqlRow>;
  /** The cells of some rows at a time, as the child has sent them (`exact`). Throws QueryError. */
  batches: AsyncGenerator<ExactCell[][]>;
  /** True once the rows are through and there were more than `maxRows`. */
  readonly cut: boolean;
};

type Child = ReturnType<typeof start>;

/**
 * Runs one read-only query in a process of its own. Throws QueryError for what is no query, for SQLite's own errors, and
 * when it goes over its limits; the rows throw the signal's reason when it comes before the last of them, since half an answer
 * must not pass for a whole one.
 */
export async function runSql({ signal, ...request }: SqlOptions): Promise<SqlAnswer> {
  const refused = refuseBeforePrepare(request.sql);
  if (refused !== undefined) throw new QueryError(refused, { code: "query_refused" });
  const child = start(request);
  const kill = () => void child.kill("SIGKILL");
  const guard = watchChild(child.pid ?? 0, request, kill);
  signal.addEventListener("abort", kill, { once: true });
  const answer = { cut: false };
  const end = async () => {
    guard[Symbol.dispose]();
    signal.removeEventListener("abort", kill);
    kill();
    child.stdout.destroy(); // what nobody reads any more would keep the child's end from being seen
    await child;
  };
  const messages = readMessages(child, guard, request, signal);
  try {
    const { value: first } = await messages.next();
    const columns = first && "columns" in first ? first.columns : [];
    guard.begin();
    const batches = toBatches(messages, (cut) => (answer.cut = cut));
    return {
      columns,
      rows: toRows(columns, batches as AsyncGenerator<SqlValue[][]>),
      batches,
      [Symbol.asyncDispose]: end,
      get cut() {
        return answer.cut;
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** No environment: the child needs none, and a token must not be in it. */
function start(request: SqlRequest) {
  const name = import.meta.url.endsWith(".ts") ? "./child.ts" : "./sql-child.js";
  return execa(process.execPath, [fileURLToPath(new URL(name, import.meta.url))], {
    input: JSON.stringify(request),
    env: {},
    extendEnv: false,
    buffer: false,
    reject: false,
    stderr: "ignore",
    forceKillAfterDelay: false,
  });
}

async function* toBatches(
  messages: AsyncGenerator<SqlMessage>,
  finish: (cut: boolean) => void,
): AsyncGenerator<ExactCell[][]> {
  for await (const message of messages) {
    if ("end" in message) finish(message.cut);
    if ("rows" in message) yield message.rows;
  }
}

async function* toRows(columns: string[], batches: AsyncGenerator<SqlValue[][]>): AsyncGenerator<SqlRow> {
  for await (const rows of batches) {
    for (const row of rows) yield Object.fromEntries(columns.map((name, at) => [name, row[at] ?? null]));
  }
}

/** Every message up to the end of the answer; a child that ends without one was stopped, by us or by its bounds. */
async function* readMessages(
  child: Child,
  guard: Watch,
  limits: Limits,
  signal: AbortSignal,
): AsyncGenerator<SqlMessage> {
  const chunks = (child.stdout.setEncoding("utf8") as AsyncIterable<string>)[Symbol.asyncIterator]();
  const rest: string[] = [];
  for (;;) {
    const { done, value: chunk } = await guard.waiting(chunks.next());
    if (done) break;
    const lines = chunk.split("\n");
    for (const line of lines.slice(0, -1)) {
      const message = JSON.parse(rest.join("") + line) as SqlMessage;
      rest.length = 0;
      if ("error" in message) throw failed(message, limits);
      yield message;
      if ("end" in message) return;
    }
    rest.push(lines.at(-1) ?? "");
  }
  signal.throwIfAborted();
  throw await stopped(child, guard, limits);
}

/** Without a word from it: ended by us, by the kernel's bounds, or by V8 that found no memory. */
async function stopped(child: Child, guard: Watch, limits: Limits): Promise<QueryError> {
  const { exitCode, signal } = await child;
  if (guard.exceeded) return overLimit(guard.exceeded, limits);
  if (signal === "SIGXCPU") return overLimit("time", limits);
  if (signal) return overLimit("memory", limits);
  return new QueryError(`the query's process ended with exit code ${exitCode}`, { code: "query_failed" });
}

function failed({ error, refused }: { error: string; refused: boolean }, limits: Limits): QueryError {
  if (error === "out of memory") return overLimit("memory", limits);
  return refused ? new QueryError(error, { code: "query_refused" }) : new QueryError(error, { code: "query_failed" });
}

function overLimit(exceeded: "time" | "memory", { timeMs, memoryBytes }: Limits): QueryError {
  const [limit, hint] =
    exceeded === "time"
      ? [`${timeMs / 1000} s`, "make it narrower, or give it longer with --timeout"]
      : [`${Math.round(memoryBytes / 1024 / 1024)} MB`, "make it narrower: an answer row by row needs no memory"];
  return new QueryError(`the query went over the ${limit} limit`, { code: `query_${exceeded}_limit`, hint });
}
