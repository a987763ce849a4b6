import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { COOKIE } from "../guard/credentials.ts";

type Headers = Record<string, string | string[]>;

/** RFC 9110 7.6.1: headers of one connection. */
const HOP_BY_HOP = new Set(
  "connection keep-alive proxy-connection proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade".split(
    " ",
  ),
);
/** Of the request: what names this server, or could have a key of it. Answers are asked for unpacked, so that ids are found. */
const NOT_ASKED = new Set(["host", "expect", "referer", "origin", "accept-encoding"]);
/** Of the answer: what a browser would take as a rule of this server. */
const NOT_ANSWERED =
  /^(set-cookie|access-control-.*|content-security-policy.*|cross-origin-.*|alt-svc|clear-site-data)$/;
const OWN_RULES = new Set([
  "strict-transport-security",
  "x-frame-options",
  "x-content-type-options",
  "referrer-policy",
]);

/** The caller's headers for upstream: all but those of the connection and what is ours. */
export function headersForUpstream({ headers }: IncomingMessage, host: string): Headers {
  const asked = passed(headers, (name) => NOT_ASKED.has(name));
  const cookie = withoutOurs(headers.cookie);
  delete asked["cookie"];
  return { ...asked, ...(cookie === "" ? {} : { cookie }), host, "accept-encoding": "identity" };
}

/** The headers of an answer for the caller. */
export function headersForCaller(headers: IncomingHttpHeaders): Headers {
  return passed(headers, (name) => NOT_ANSWERED.test(name) || OWN_RULES.has(name));
}

function passed(headers: IncomingHttpHeaders, isOurs: (name: string) => boolean): Headers {
  const named = new Set((headers.connection ?? "").split(",").map((name) => name.trim().toLowerCase()));
  return Object.fromEntries(
    Object.entries(headers).filter(
      (entry): entry is [string, string | string[]] =>
        entry[1] !== undefined && !HOP_BY_HOP.has(entry[0]) && !named.has(entry[0]) && !isOurs(entry[0]),
    ),
  );
}

function withoutOurs(cookies: string | undefined): string {
  const pairs = (cookies ?? "").split(";").map((pair) => pair.trim());
  return pairs.filter((pair) => pair !== "" && pair.split("=")[0] !== COOKIE).join("; ");
}
