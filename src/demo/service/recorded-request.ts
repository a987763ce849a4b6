import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/** One request as it arrived. */
export type RecordedRequest = {
  server: "api" | "assets";
  method: string;
  /** Path with its query, as sent. */
  url: string;
  headers: IncomingHttpHeaders;
  /** Name, value, name, value … as sent. */
  rawHeaders: string[];
  body: string;
  /** The body if it is a JSON object, else {}. */
  json: Record<string, unknown>;
  /** Ids that an API request names. */
  ids: string[];
  /** Milliseconds since the epoch, with fractions. */
  at: number;
};

/** Paths of the API: a GET of one of them is a wrong API call, not a request for a file. */
const API_PATHS = /^\/producer\/(audios|lyrics|upload|wav|videos|tasks)\/?$/;

/** Reads the body to its end. `server` undefined: method and path show which one the request is for. */
export async function recordRequest(
  request: IncomingMessage,
  server: RecordedRequest["server"] | undefined,
): Promise<RecordedRequest> {
  const at = performance.timeOrigin + performance.now();
  const url = request.url ?? "/";
  const method = request.method ?? "GET";
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString("utf8");
  const json = parseObject(body);
  const { headers, rawHeaders } = request;
  return {
    server: server ?? serverOf(method, url),
    method,
    url,
    headers,
    rawHeaders,
    body,
    json,
    ids: idsOf(json),
    at,
  };
}

function serverOf(method: string, url: string): RecordedRequest["server"] {
  const isFile = (method === "GET" || method === "HEAD") && !API_PATHS.test(url.split("?")[0] ?? "");
  return isFile ? "assets" : "api";
}

function parseObject(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function idsOf(json: Record<string, unknown>): string[] {
  const ids = Array.isArray(json["ids"]) ? json["ids"] : [json["id"]];
  return ids.filter((id) => typeof id === "string");
}
