import { apiError } from "../../../demo/service/error-replies.ts";
import type { MishapRule } from "../../../demo/service/mishaps.ts";
import { withHeader } from "../../../demo/service/reply.ts";
import { sendCut } from "../../../demo/service/send-reply.ts";

/** Bytes of the first song that arrive before its connection is closed. */
const CUT_AFTER = 6000;
const RETRY_AFTER_SECONDS = "2";
/** Milliseconds that each file takes, so that a viewer sees the progress. */
const FILE_DELAY = 250;

/** What goes wrong in the demo: the first API request is refused with 429, and the first song is cut in the middle. */
export function demoMishaps(): MishapRule {
  let [isRefused, isCut] = [false, false];
  return ({ server, url }) => {
    if (server === "api") {
      if (isRefused) return {};
      isRefused = true;
      return { reply: withHeader(apiError(429), "Retry-After", RETRY_AFTER_SECONDS) };
    }
    if (isCut || !url.includes(".m4a")) return { delay: FILE_DELAY };
    isCut = true;
    return { send: async (exchange) => sendCut(exchange, CUT_AFTER) };
  };
}
