import type { RecordedRequest } from "../../src/demo/service/recorded-request.ts";

const MAX_IDS = 50;

/** What a mirror may not do, as one line each: everything but free, honest, well-formed reads of tasks and files. */
export function violationsOf(request: RecordedRequest): string[] {
  const found = request.server === "api" ? apiViolations(request) : assetViolations(request);
  return found.map((what) => `${request.method} ${request.url}: ${what}`);
}

function apiViolations({ method, url, headers, json, ids }: RecordedRequest): string[] {
  const action = json["action"] ?? "retrieve";
  return [
    ...problem(method !== "POST" || url !== "/producer/tasks", "another call than POST /producer/tasks"),
    ...problem(action !== "retrieve" && action !== "retrieve_batch", `action ${JSON.stringify(action)}`),
    ...problem(ids.length > MAX_IDS, `${ids.length} ids in one request`),
    ...problem("x-record-exempt" in headers, "x-record-exempt"),
    ...problem("x-payment" in headers, "x-payment"),
    ...problem(headers.accept !== "application/json", `accept: ${headers.accept}`),
    ...problem(
      !/^application\/json(;|$)/.test(headers["content-type"] ?? ""),
      `content-type: ${headers["content-type"]}`,
    ),
    ...problem(!/^Bearer \S+$/.test(headers.authorization ?? ""), "no bearer token"),
  ];
}

function assetViolations({ method, headers }: RecordedRequest): string[] {
  const secrets = ["authorization", "cookie", "x-api-key"].filter((name) => name in headers);
  return [
    ...problem(method !== "GET" && method !== "HEAD", "another method than GET or HEAD for a file"),
    ...secrets.map((name) => `${name} sent to the file server`),
  ];
}

function problem(wrong: boolean, what: string): string[] {
  return wrong ? [what] : [];
}
