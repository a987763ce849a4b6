import type { IncomingMessage, ServerResponse } from "node:http";
import { isFromForeignPage } from "./foreign-page.ts";
import { isOwnHost, type HostRule } from "./host.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";

/** Requests that are answered at once; more are asked to come again. */
const MAX_AT_WORK = 600;

/**
 * Looks at each request before any route does, and answers those that nobody may send: another Host (421), an absolute
 * address (400), one that leads up (404), a page of another site (403), too many at once (503).
 */
export function admit(rule: HostRule, handle: (request: IncomingMessage, response: ServerResponse) => void) {
  let atWork = 0;
  return (request: IncomingMessage, response: ServerResponse): void => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    if (!request.url?.startsWith("/")) return refuse(response, 400, "bad_request", "the address must be a path");
    if (!isPlain(request.url))
      return refuse(response, 404, "not_found", "the address has . or .. in it, or no plain text");
    if (!isOwnHost(request, rule))
      return refuse(response, 421, "wrong_host", "this server does not answer for that host; see --allowed-hosts");
    if (isFromForeignPage(request))
      return refuse(response, 403, "foreign_page", "a page of another site may not ask this server");
    if (atWork >= MAX_AT_WORK) {
      response.setHeader("Retry-After", "1");
      return refuse(response, 503, "busy", "too many requests at once");
    }
    atWork++;
    response.once("close", () => atWork--);
    handle(request, response);
  };
}

/** Browsers leave `.` and `..` out of what they send: such a path, or one that cannot be decoded, is looking for a fault. */
function isPlain(address: string): boolean {
  try {
    const text = decodeURIComponent(address.split(/[?#]/, 1)[0] ?? "");
    return !text.includes("\0") && !text.split(/[/\\]/).some((part) => part === "." || part === "..");
  } catch {
    return false;
  }
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.shouldKeepAlive = false;
  response.writeHead(status, { "Content-Type": "application/json", Connection: "close" });
  response.end(JSON.stringify({ error: { code, message, hint: null } }));
}
