import { isUtf8 } from "node:buffer";
import { errors, type Agent, type Dispatcher } from "undici";
import { MirrorError } from "../../lib/errors.ts";
import { networkProblem } from "../../lib/net/network-problem.ts";
import { AddressRefused } from "../../lib/net/public-address.ts";
import { isLoginPage } from "../../lib/net/who-answered.ts";
import { AssetError } from "../asset-error.ts";
import { all } from "./headers.ts";
import { safeHead } from "../../lib/text/terminal-safe.ts";
import { checkAssetUrl } from "./url-rules.ts";

const MAX_HOPS = 10;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export type AssetResponse = Dispatcher.ResponseData;

export type AssetRequestOptions = {
  agent: Agent;
  assetHosts: readonly string[];
  userAgent: string;
  /** Requests the rest of a file only. */
  range?: { from: number; validator: string };
  signal: AbortSignal;
};

/**
 * GETs a URL and follows up to 10 redirects, each of which must pass the same rules as the first URL. Sends no
 * authorization and no cookie, and accepts no content encoding. Returns the first response that is no redirect, whatever
 * its status; its body must be read or destroyed. Throws AssetError, or the signal's reason.
 */
export async function requestFile(text: string, options: AssetRequestOptions): Promise<AssetResponse> {
  let url = checkAssetUrl(text, options.assetHosts);
  for (let hop = 0; ; hop++) {
    const response = await get(url, options);
    if (!REDIRECTS.has(response.statusCode)) return refuseLoginPage(response, text, url);
    await response.body.dump({ limit: 65536, signal: options.signal }).catch(() => undefined);
    options.signal.throwIfAborted();
    if (hop === MAX_HOPS) throw redirectError(response, `more than ${MAX_HOPS} redirects, the last by ${url.host}`);
    url = nextHop(url, response, options.assetHosts, hop + 1);
  }
}

/** The portals of hotels, trains and firms send every request to a page where people log in. */
function refuseLoginPage(response: AssetResponse, text: string, url: URL): AssetResponse {
  const isHtml = /^text\/html/i.test(all(response.headers, "content-type")[0] ?? "");
  if (!isHtml || !isLoginPage(new URL(text), url)) return response;
  response.body.on("error", () => undefined).destroy();
  const message = `${new URL(text).host} redirects to a login page: ${safeHead(Buffer.from(url.href))}`;
  const details = { httpStatus: response.statusCode, followUp: "never", isUnreachable: true } as const;
  throw new AssetError("in_front", message, details);
}

/** Converts any error of a request or its body into an AssetError; errors of this program stay as they are. */
export function toAssetError(error: unknown, host: string, stage: "connect" | "body"): unknown {
  const refused = findRefusal(error);
  if (refused !== null)
    return new AssetError("refused_url", `refused: ${refused.message}`, { followUp: "never", cause: error });
  if (!(error instanceof Error) || error instanceof AssetError || error instanceof MirrorError || isBug(error))
    return error;
  const { code } = error as NodeJS.ErrnoException;
  if (stage === "body") {
    const problem = `${safeHead(Buffer.from(error.message))}${code === undefined ? "" : ` (${code})`}`;
    return new AssetError("cut", `${host} ended the file early: ${problem}`, { cause: error });
  }
  // A connection that breaks after the request is an answer of a kind: the host was reached.
  const isUnreachable =
    !(error instanceof errors.SocketError || error instanceof errors.HTTPParserError) && code !== "ECONNRESET";
  return new AssetError("network", `${host} cannot be reached: ${networkProblem(error)}`, {
    cause: error,
    isUnreachable,
  });
}

async function get(url: URL, options: AssetRequestOptions): Promise<AssetResponse> {
  const { agent, range, signal, userAgent } = options;
  try {
    return await agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: "GET",
      headers: {
        accept: "*/*",
        "accept-encoding": "identity",
        "user-agent": userAgent,
        ...(range === undefined ? {} : { range: `bytes=${range.from}-`, "if-range": range.validator }),
      },
      // The watchdog's signal is the only timeout: it knows when this machine is the slow side.
      headersTimeout: 0,
      bodyTimeout: 0,
      signal,
    });
  } catch (error) {
    if (signal.aborted) throw signal.reason instanceof AssetError ? signal.reason.asUnreachable() : signal.reason;
    throw toAssetError(error, url.host, "connect");
  }
}

function nextHop(from: URL, response: AssetResponse, assetHosts: readonly string[], hop: number): URL {
  const location = locationOf(response);
  if (location === null) throw redirectError(response, `${from.host} redirects without saying where`);
  try {
    return checkAssetUrl(location, assetHosts, from);
  } catch (error) {
    if (!(error instanceof AssetError)) throw error;
    const { message, followUp, hint } = error;
    const isUnreachable = URL.canParse(location, from.href) && isLoginPage(from, new URL(location, from));
    const where = `at redirect ${hop} by ${from.host}${isUnreachable ? ", to what seems to be a login page" : ""}`;
    const httpStatus = response.statusCode;
    const details = { followUp, httpStatus, isUnreachable, ...(hint === undefined ? {} : { hint }) };
    throw new AssetError("refused_url", `${message}, ${where}`, details);
  }
}

/**
 * Where a redirect points, null when it does not say, or says two things. Its bytes are read as UTF-8, as browsers do
 * (WHATWG URL); of those that are not, each stands for itself.
 */
function locationOf({ headers }: AssetResponse): string | null {
  const [location, ...others] = new Set(all(headers, "location"));
  if (location === undefined || others.length > 0) return null;
  const bytes = Buffer.from(location, "latin1");
  return isUtf8(bytes)
    ? bytes.toString()
    : location.replace(/[\u0080-\u00ff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`);
}

function redirectError(response: AssetResponse, message: string): AssetError {
  return new AssetError("redirect", message, { httpStatus: response.statusCode });
}

function findRefusal(error: unknown): AddressRefused | null {
  if (error instanceof AddressRefused) return error;
  const inner =
    error instanceof AggregateError ? error.errors : error instanceof Error && error.cause ? [error.cause] : [];
  return inner.map(findRefusal).find((refusal) => refusal !== null) ?? null;
}

/** Errors of undici, the resolver, sockets and TLS have no common class; errors of a bug in this program are one of these. */
function isBug(error: Error): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
}
