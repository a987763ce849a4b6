import type { ServerResponse } from "node:http";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono, type Context } from "hono";
import type { Env } from "../env.ts";
import { readBody } from "../listen/read-body.ts";
import type { ServerContext } from "../server-context.ts";
import { answerQuestion, type Answer } from "./answer.ts";
import { ApiRefusal, sendFailure, toApiRefusal } from "./api-refusal.ts";
import { ownAddress } from "./own-address.ts";
import type { Caller } from "../pass-on/pass-on.ts";
import type { Passer } from "../pass-on/passer.ts";
import { isRead, readQuestion } from "./read-question.ts";
import { rememberAnswers, type RecentAnswers } from "./recent-answers.ts";

const MOST_BYTES = 1_000_000;

/**
 * The API from the archive: `POST /producer/tasks` as the API answers it; every other path and method below /producer is
 * refused in its words. Nothing goes upstream but what `passer` passes on. Answers go past hono, as bytes.
 */
export function replayRoutes(context: ServerContext, passer: Passer | undefined): Hono<Env> {
  const routes = new Hono<Env>();
  const recent = rememberAnswers();
  const answered = async (
    { env: { incoming, outgoing }, get }: Context<Env>,
    work: (caller: Caller) => Promise<void>,
  ) => {
    const caller = { request: incoming, response: outgoing, credentials: get("credentials") };
    await work(caller).catch((error: unknown) => {
      if (!outgoing.headersSent && !outgoing.destroyed) sendFailure(outgoing, toApiRefusal(error), !incoming.complete);
      else outgoing.destroy();
    });
    return RESPONSE_ALREADY_SENT;
  };
  routes.post("/tasks", (asked) => answered(asked, (caller) => replay(context, recent, passer, caller)));
  routes.all("*", (asked) =>
    answered(asked, async (caller) => {
      if (passer?.takesAll) return passer.pass(caller, caller.request);
      const message = "API does not exist, please make sure url is correct. This mirror answers POST /producer/tasks.";
      throw new ApiRefusal(404, "no_api", message);
    }),
  );
  return routes;
}

async function replay(
  context: ServerContext,
  recent: RecentAnswers,
  passer: Passer | undefined,
  caller: Caller,
): Promise<void> {
  const { request, response } = caller;
  const encoding = request.headers["content-encoding"] ?? "identity";
  if (encoding.toLowerCase() !== "identity")
    throw new ApiRefusal(415, "bad_request", "Content-Encoding is invalid: this mirror takes the body as it is.");
  const body = await readBody(request, MOST_BYTES);
  if (body === undefined) throw new ApiRefusal(413, "bad_request", `The body is longer than ${MOST_BYTES} bytes.`);
  if (passer?.takesAll && !isRead(body)) return passer.pass(caller, body);
  if (passer && (await passer.read(caller, readQuestion(body), body))) return;
  const base = context.options.rewriteUrls ? ownAddress(request) : undefined;
  const { db } = await context.archive.current();
  const key = `${base ?? ""} ${body.toString("latin1")}`;
  sendAnswer(response, await recent.answer(db, key, () => answerQuestion(context, readQuestion(body), base)));
}

function sendAnswer(response: ServerResponse, { body, fetchedAt }: Answer): void {
  response.writeHead(200, {
    "Content-Type": "application/json",
    "Content-Length": body.length,
    "Cache-Control": "no-store",
    ...(fetchedAt === null ? {} : { "X-Mirror-Fetched-At": new Date(fetchedAt).toISOString() }),
  });
  response.end(body);
}
