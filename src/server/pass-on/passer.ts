import type { IncomingMessage } from "node:http";
import type { Question } from "../replay/read-question.ts";
import type { ServerContext } from "../server-context.ts";
import { openKeeper } from "./keep-answers.ts";
import { passOn, type Caller } from "./pass-on.ts";
import { answerWithUpstream } from "./reads.ts";
import { TIMEOUT_MS } from "./upstream.ts";

/** Passes calls on to the API, with the caller's own token. */
export type Passer = AsyncDisposable & {
  /** Whether calls that are no reads go there too. */
  takesAll: boolean;
  /** Passes a call on as it came. Throws ApiRefusal while nothing was answered. */
  pass(caller: Caller, body: Buffer | IncomingMessage): Promise<void>;
  /** Answers a question that the archive cannot answer alone; false when it can. */
  read(caller: Caller, question: Question, body: Buffer): Promise<boolean>;
};

/** Undefined without the flag: then there is nothing that could send a byte. */
export function openPasser(context: ServerContext): Passer | undefined {
  const { passOn: mode } = context.options;
  if (mode === undefined) return undefined;
  const keeper = openKeeper(context.workers);
  const upstream = { apiUrl: context.config.apiUrl, timeoutMs: TIMEOUT_MS };
  return {
    takesAll: mode === "all",
    pass: (caller, body) => passOn(upstream, keeper, caller, body),
    read: (caller, question, body) => answerWithUpstream(context, upstream, keeper, caller, question, body),
    [Symbol.asyncDispose]: () => keeper[Symbol.asyncDispose](),
  };
}
