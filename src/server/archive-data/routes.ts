import { Hono, type Context } from "hono";
import type { Env } from "../env.ts";
import type { ServerContext } from "../server-context.ts";
import type { QuestionName } from "../workers/questions.ts";
import { failure } from "../failure.ts";
import { UsageError } from "../../lib/errors.ts";

/** Lists and counts: `GET /api/<name>`. */
const NAMES: Record<string, QuestionName> = {
  status: "status",
  clips: "clips",
  tasks: "tasks",
  search: "search",
  stats: "stats",
  changes: "changes",
  tags: "tags",
  runs: "runs",
  playlists: "playlists",
};
/** One thing: `GET /api/<name>/<id>`. */
const NAMES_WITH_ID: Record<string, QuestionName> = {
  clips: "show",
  tasks: "show",
  why: "why",
  lineage: "lineage",
  history: "history",
  playlists: "playlist",
};

/** The archive's data as JSON. Each answer is made by a worker. */
export function dataRoutes({ workers }: ServerContext): Hono<Env> {
  const routes = new Hono<Env>();
  const answer = async (context: Context<Env>, question: QuestionName | undefined, id?: string) => {
    if (question === undefined) return failure(context, notFound(context.req.path));
    const words = readWords(context.req.queries());
    return context.body(await workers.ask(question, { id, words }), 200, JSON_HEADERS);
  };
  routes.get("/:name", (context) => answer(context, NAMES[context.req.param("name")]));
  routes.get("/:name/:id", (context) =>
    answer(context, NAMES_WITH_ID[context.req.param("name")], context.req.param("id")),
  );
  return routes;
}

const JSON_HEADERS = { "Content-Type": "application/json", "Cache-Control": "no-store" };

/** The query of an address. Throws UsageError for a name that is there twice. */
export function readWords(queries: Record<string, string[]>): Record<string, string> {
  const twice = Object.entries(queries).find(([, values]) => values.length > 1);
  if (twice) throw new UsageError(`${twice[0].slice(0, 100)} is given twice`, { hint: "separate values by commas" });
  return Object.fromEntries(Object.entries(queries).map(([name, [value = ""]]) => [name, value]));
}

function notFound(path: string): UsageError {
  return new UsageError(`there is nothing at ${path.slice(0, 200)}`, { code: "not_found" });
}
