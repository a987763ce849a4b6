import { setImmediate } from "node:timers/promises";
import type { Reader } from "../../app/archive.ts";
import { findDocuments, joinDocuments, type JoinedDocuments } from "../../query/replay/find-documents.ts";
import { findUrls } from "../../query/replay/find-urls.ts";
import type { ListedTaskIds } from "../../query/replay/list-task-ids.ts";
import type { ServerContext } from "../server-context.ts";
import type { Question } from "./read-question.ts";
import { rewriteUrls } from "./rewrite-urls.ts";

/** The body of an answer. */
export type Answer = {
  body: Buffer;
  /** Milliseconds UTC: when the oldest record in it was fetched; null without one. */
  fetchedAt: number | null;
};

/** So many records are read at once; other requests come in between. */
const AT_ONCE = 50;

/**
 * Answers a question from the archive, each character of the records as it came. With `base` the addresses of stored files
 * are this server's.
 */
export async function answerQuestion(
  context: ServerContext,
  question: Question,
  base: string | undefined,
): Promise<Answer> {
  const { ids, count } = await idsOf(context, question);
  const found = await readInTurns(context, ids, base);
  const times = found.flatMap(({ fetchedAt }) => fetchedAt ?? []);
  const fetchedAt = times.length > 0 ? Math.min(...times) : null;
  const texts = found.flatMap(({ text }) => text ?? []);
  if (question.kind === "task" || question.kind === "trace") return { body: texts[0] ?? NOTHING, fetchedAt };
  const parts = texts.flatMap((text, index) => (index === 0 ? [text] : [COMMA, text]));
  const total = count ?? found.reduce((sum, one) => sum + one.count, 0);
  return { body: Buffer.concat([BEGIN, ...parts, Buffer.from(`],"count":${total}}`)]), fetchedAt };
}

const NOTHING = Buffer.from("{}");
const BEGIN = Buffer.from('{"items":[');
const COMMA = Buffer.from(",");

/** The ids of an answer, and how many match; null when they are not counted yet. */
async function idsOf({ workers }: ServerContext, question: Question): Promise<{ ids: string[]; count: number | null }> {
  if (question.kind === "task") return { ids: [question.id], count: null };
  if (question.kind === "trace") {
    const asked = { filter: { traceIds: [question.traceId] }, page: { limit: 1, offset: 0 } };
    return JSON.parse(await workers.ask("replayList", asked)) as ListedTaskIds;
  }
  const { filter, page } = question;
  const { ids, ...others } = filter;
  const isShort = ids !== undefined && ids.length <= Math.min(AT_ONCE, page.limit) && page.offset === 0;
  if (isShort && Object.values(others).every((value) => value === undefined)) return { ids, count: null };
  return JSON.parse(await workers.ask("replayList", { filter, page })) as ListedTaskIds;
}

async function readInTurns({ archive }: ServerContext, ids: string[], base: string | undefined) {
  const found: JoinedDocuments[] = [];
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    if (at > 0) await setImmediate();
    const some = ids.slice(at, at + AT_ONCE);
    const { db } = await archive.current();
    found.push(base === undefined ? joinDocuments(db, some) : joinRewritten(db, some, base));
  }
  return found;
}

function joinRewritten(db: Reader["db"], ids: string[], base: string): JoinedDocuments {
  const found = findDocuments(db, ids);
  const texts = found.map(({ taskId, document }) => {
    const here = findUrls(db, taskId).map(({ url, id, kind }): [string, string] => [
      url,
      `${base}/media/${encodeURIComponent(id)}/${kind}`,
    ]);
    return rewriteUrls(document, new Map(here));
  });
  return {
    count: found.length,
    fetchedAt: found.length > 0 ? Math.min(...found.map(({ fetchedAt }) => fetchedAt)) : null,
    text: found.length > 0 ? Buffer.from(texts.join(",")) : null,
  };
}
