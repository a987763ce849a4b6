import type { IncomingMessage } from "node:http";
import { findDocuments, type FoundDocument } from "../../query/replay/find-documents.ts";
import type { ListedTaskIds } from "../../query/replay/list-task-ids.ts";
import { NotJsonError, sliceRecords } from "../../record/slice.ts";
import { ApiRefusal } from "../replay/api-refusal.ts";
import type { Question } from "../replay/read-question.ts";
import type { ServerContext } from "../server-context.ts";
import { headersForCaller, headersForUpstream } from "./headers.ts";
import { MOST_OF_ONE, type AnswerKeeper } from "./keep-answers.ts";
import { requireToken, type Caller } from "./pass-on.ts";
import { callUpstream, upstreamUrl, type Upstream } from "./upstream.ts";

/**
 * Answers a question about tasks that the archive lacks, or that were not settled when they came, with what the API says of
 * those and the archive of the others. False when the archive alone has the answer; listings are always its own. An API
 * that cannot be reached is an error only where the archive has nothing.
 */
export async function answerWithUpstream(
  context: ServerContext,
  upstream: Upstream,
  keeper: AnswerKeeper,
  caller: Caller,
  question: Question,
  body: Buffer,
): Promise<boolean> {
  const ids = await namedIds(context, question);
  if (ids === undefined) return false;
  const here = findDocuments((await context.archive.current()).db, ids);
  const settled = new Set(here.filter(({ state }) => state !== "pending").map(({ taskId }) => taskId));
  const open = ids.filter((id) => !settled.has(id.toLowerCase()));
  const isBatch = question.kind === "listing";
  if (open.length === 0 && (isBatch || ids.length > 0)) return false;
  const asked = isBatch
    ? Buffer.from(JSON.stringify({ action: "retrieve_batch", ids: open, limit: open.length }))
    : body;
  const hasAll = ids.length > 0 && here.length === ids.length;
  const answer = await ask(upstream, caller, asked).catch((error: unknown) => {
    if (hasAll && error instanceof ApiRefusal && error.status >= 502) return undefined;
    throw error;
  });
  if (answer === undefined) return false;
  if (answer.status === 200) {
    const gathered = keeper.gather();
    gathered.add(Buffer.from(answer.text));
    gathered.keep();
  }
  const merged = answer.status === 200 ? merge(here, answer.text, isBatch) : answer.text;
  caller.response.writeHead(answer.status, { ...answer.headers, "content-length": Buffer.byteLength(merged) });
  caller.response.end(merged);
  return true;
}

/** The tasks that a question names; undefined for a listing. */
async function namedIds({ workers }: ServerContext, question: Question): Promise<string[] | undefined> {
  if (question.kind === "task") return [question.id];
  if (question.kind === "listing") {
    const { ids, ...others } = question.filter;
    const isPlain = Object.values(others).every((value) => value === undefined) && question.page.offset === 0;
    return isPlain && ids !== undefined && ids.length <= question.page.limit ? [...new Set(ids)] : undefined;
  }
  const asked = { filter: { traceIds: [question.traceId] }, page: { limit: 1, offset: 0 } };
  return (JSON.parse(await workers.ask("replayList", asked)) as ListedTaskIds).ids;
}

async function ask(upstream: Upstream, { request, response, credentials }: Caller, body: Buffer) {
  requireToken(request, credentials);
  const path = request.url ?? "";
  const headers = headersForUpstream(request, upstreamUrl(upstream.apiUrl, path).host);
  headers["content-length"] = String(body.length);
  const left = new AbortController();
  const onClose = () => left.abort();
  response.once("close", onClose);
  try {
    const answer = await callUpstream(upstream, { method: "POST", path, headers, body, signal: left.signal });
    const text = await readText(answer);
    return { status: answer.statusCode ?? 502, headers: headersForCaller(answer.headers), text };
  } finally {
    response.off("close", onClose);
  }
}

async function readText(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MOST_OF_ONE) break;
      chunks.push(chunk);
    }
  } catch {
    throw new ApiRefusal(502, "api_error", "The API ended its answer early.");
  }
  if (bytes > MOST_OF_ONE) throw new ApiRefusal(502, "api_error", "The answer of the API is too long.");
  return Buffer.concat(chunks).toString();
}

/** What the API has comes before what is here; what it no longer has stays. Each record character by character. */
function merge(here: FoundDocument[], text: string, isBatch: boolean): string {
  const records = recordsIn(text);
  if (records === undefined) return text;
  if (!isBatch) return records.length > 0 ? text : (here[0]?.document ?? text);
  const there = new Set(records.map(({ id }) => id));
  const kept = here.flatMap(({ taskId, document }) => (there.has(taskId) ? [] : (recordsIn(document) ?? [])));
  const all = [...records, ...kept].sort((one, other) => other.createdAt - one.createdAt);
  return `{"items":[${all.map((one) => one.text).join(",")}],"count":${all.length}}`;
}

/** Undefined for a text that is no answer of the API. */
function recordsIn(text: string): { id: string; createdAt: number; text: string }[] | undefined {
  try {
    return sliceRecords(text).records.flatMap((record) => {
      const { id, created_at: at } = JSON.parse(record) as { id?: unknown; created_at?: unknown };
      return typeof id === "string" ? [{ id: id.toLowerCase(), createdAt: Number(at) || 0, text: record }] : [];
    });
  } catch (error) {
    if (error instanceof NotJsonError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
