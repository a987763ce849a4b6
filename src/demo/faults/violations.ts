import type { RecordedRequest } from "../service/recorded-request.ts";

const MAX_IDS = 50;

/** What a mirror may not do, as one line each: everything but free, honest, well-formed reads of tasks and files. */
export function violationsOf(request: RecordedRequest): string[] {
  const found = request.server === "api" ? apiViolations(request) : assetViolations(request);
  return found.map((what) => `${request.method} ${request.url}: ${what}`);
}

function apiViolations({ method, url, headers, json, ids }: RecordedRequest): string[] {
  const action = json["action"] ?? "retrieve";
  return [
    ...said(method !== "POST" || url !== "/producer/tasks", "another call than POST /producer/tasks"),
    ...said(action !== "retrieve" && action !== "retrieve_batch", `action ${JSON.stringify(action)}`),
    ...said(ids.length > MAX_IDS, `${ids.length} ids in one request`),
    ...said("x-record-exempt" in headers, "x-record-exempt"),
    ...said("x-payment" in headers, "x-payment"),
    ...said(headers.accept !== "application/json", `accept: ${headers.accept}`),
    ...said(!/^application\/json(;|$)/.test(headers["content-type"] ?? ""), `content-type: ${headers["content-type"]}`),
    ...said(!/^Bearer \S+$/.test(headers.authorization ?? ""), "no bearer token"),
  ];
}

function assetViolations({ method, headers }: RecordedRequest): string[] {
  const secrets = ["authorization", "cookie", "x-api-key"].filter((name) => name in headers);
  return [
    ...said(method !== "GET" && method !== "HEAD", "another method than GET or HEAD for a file"),
    ...secrets.map((name) => `${name} sent to the file server`),
  ];
}

function said(wrong: boolean, what: string): string[] {
  return wrong ? [what] : [];
}
