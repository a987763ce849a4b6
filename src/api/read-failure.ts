import { retryAfterSeconds } from "../lib/net/retry-after.ts";
import { isLoginPage, isPage, whoAnswered, type AnswerHead } from "../lib/net/who-answered.ts";
import { safeLine } from "../lib/text/terminal-safe.ts";
import { ApiError } from "./api-error.ts";
import { excerpt, parseBody, toApiError } from "./read-error.ts";

const NETWORK_HINT =
  "this says nothing about your token or account: look at this machine's network (a proxy, a VPN, a login page), and at PRODUCER_MIRROR_API_URL";

/**
 * The error for an answer of `url` without records. What does not come from the API itself, which speaks JSON and
 * redirects nobody, says nothing about the token, the account or the tasks, whatever its status.
 */
export function readFailure(answer: AnswerHead, url: URL): ApiError {
  const { status, headers, head } = answer;
  const location = [headers["location"] ?? []].flat()[0];
  if (status >= 300 && status < 400 && location !== undefined) return redirected(status, location, url);
  const front = whoAnswered(answer);
  const mayPass = status === 408 || status === 429 || (status >= 500 && status !== 511);
  const isForeign = front !== null || (status >= 400 && isPage(head));
  if (isForeign && !mayPass) return inFront(status, front ?? "a web page", textOf(head), url);
  const failure = toApiError(status, head, parseBody(head), retryAfterSeconds(headers["retry-after"]));
  if (front === null) return failure;
  const { followUp, code } = failure;
  const message = `${front}, which is in front of the API at ${url.host}, answered ${status}: "${textOf(head)}"`;
  return new ApiError(message, { followUp, status, code, retryAfterSeconds: failure.retryAfterSeconds });
}

function inFront(status: number, front: string, words: string, url: URL): ApiError {
  const message = `${front} answered ${status} in place of the API at ${url.host}: "${words}"`;
  return new ApiError(message, { followUp: "in_front", status, code: "in_front", hint: NETWORK_HINT });
}

function redirected(status: number, location: string, url: URL): ApiError {
  const target = URL.canParse(location, url.href) ? new URL(location, url) : null;
  const where = safeLine(target?.href ?? location).slice(0, 200);
  const isMoved = target !== null && target.protocol === "https:" && target.pathname === url.pathname;
  const isLogin = target !== null && isLoginPage(url, target);
  const message = `the API at ${url.host} answered ${status} and points to ${where}${isLogin ? ", a login page" : ""}`;
  const hint =
    isMoved && !isLogin
      ? `the token is sent to no other address by itself: if you trust ${target.host}, set PRODUCER_MIRROR_API_URL=${target.origin}`
      : NETWORK_HINT;
  return new ApiError(message, { followUp: "in_front", status, code: "redirect", hint });
}

/** The words of a page: its title, else its text without tags. */
function textOf(page: string): string {
  const title = /<title[^>]*>([^<]*)/i.exec(page)?.[1]?.trim();
  const bare = page.replace(/<(script|style)\b[^]*?<\/\1>/gi, " ").replace(/<[^>]*>/g, " ");
  return safeLine(title || excerpt(bare)).slice(0, 200);
}
