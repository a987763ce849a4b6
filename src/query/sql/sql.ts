import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { QueryError } from "../../lib/errors.ts";
import type { ExactCell } from "./cells.ts";
import { refuseBeforePrepare } from "./gate.ts";
import { watchChild, type Watch } from "./limits.ts";
import type { Limits, SqlMessage, SqlRequest, SqlValue } from "./messages.ts";

export type SqlOptions = SqlRequest & { signal: AbortSignal };
export type SqlRow = Record<string, SqlValue>;

/** The result of a query while it is still arriving; disposing ends the child process. */
export type SqlResult = AsyncDisposable & {
  columns: string[];
  /** Iterate this once, or `batches` instead. Throws QueryError. */
  rows: AsyncGenerator<SqlRow>;
  /** The cells of several rows at a time, as the child sent them (`exact`). Throws QueryError. */
  batches: AsyncGenerator<ExactCell[][]>;
  /** True after the last row when there were more than `maxRows`. */
  readonly cut: boolean;
};

type Child = ReturnType<typeof start>;

/**
 * Runs one read-only query in a child process. Throws QueryError for text that is not a query, for SQLite's own errors, and
 * when the query goes over its limits. The rows throw the signal's reason when it aborts before the last row, since half a
 * result must not look complete.
 */
export async function runSql({ signal, ...request }: SqlOptions): Promise<SqlResult> {
  const refused = refuseBeforePrepare(request.sql);
  if (refused !== undefined) throw new QueryError(refused, { code: "query_refused" });
  const child = start(request);
  const kill = () => void child.kill("SIGKILL");
  const guard = watchChild(child.pid ?? 0, request, kill);
  signal.addEventListener("abort", kill, { once: true });
  const result = { cut: false };
  const end = async () => {
    guard[Symbol.dispose]();
    signal.removeEventListener("abort", kill);
    kill();
    child.stdout.destroy(); // unread output would keep the end of the child from being noticed
    await child;
  };
  const messages = readMessages(child, guard, request, signal);
  try {
    const { value: first } = await messages.next();
    const columns = first && "columns" in first ? first.columns : [];
    guard.begin();
    const batches = toBatches(messages, (cut) => (result.cut = cut));
    return {
      columns,
      rows: toRows(columns, batches as AsyncGenerator<SqlValue[][]>),
      batches,
      [Symbol.asyncDispose]: end,
      get cut() {
        return result.cut;
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Starts the child without an environment: it needs none, and must not have a token. */
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

/** Every message up to the end of the result; a child that ends before was stopped, by us or by its limits. */
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

/** The error of a child that ended without a message: killed by us, by the kernel's limits, or by V8 without memory. */
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
      ? [`${timeMs / 1000} s`, "make it smaller, or allow more time with --timeout"]
      : [
          `${Math.round(memoryBytes / 1024 / 1024)} MB`,
          "make it smaller: a result that is read row by row needs no memory",
        ];
  return new QueryError(`the query went over the ${limit} limit`, { code: `query_${exceeded}_limit`, hint });
}
