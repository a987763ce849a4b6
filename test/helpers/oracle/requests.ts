import type { RecordedRequest } from "../../../src/demo/service/recorded-request.ts";

const ALLOWED = new Set(["retrieve", "retrieve_batch"]);

/** The program calls one path with two words, and tells its token to that origin alone. */
export function checkRequests(requests: RecordedRequest[], token: string | undefined): string[] {
  return requests.flatMap((request) =>
    request.server === "api" ? checkQuestion(request, token) : checkDownload(request, token),
  );
}

function checkQuestion(
  { method, url, headers, json, ids, body }: RecordedRequest,
  token: string | undefined,
): string[] {
  const wrong = [
    method !== "POST" || url !== "/producer/tasks" ? `${method} ${url}` : "",
    ALLOWED.has(String(json["action"])) ? "" : `action ${String(json["action"])}`,
    json["action"] === "retrieve_batch" && json["limit"] !== ids.length
      ? `limit ${String(json["limit"])} for ${ids.length} ids`
      : "",
    json["action"] === "retrieve_batch" && ids.length < 2 ? "a batch of one" : "",
    ids.length > 50 || new Set(ids).size !== ids.length ? `${ids.length} ids, ${new Set(ids).size} distinct` : "",
    "x-record-exempt" in headers || "x-payment" in headers ? "a header that is never sent" : "",
    /^producer-mirror\/\S+ \(\+https:/.test(headers["user-agent"] ?? "") ? "" : `user-agent ${headers["user-agent"]}`,
    token !== undefined && headers.authorization !== `Bearer ${token}` ? "another token" : "",
    token !== undefined && body.includes(token) ? "the token in the body" : "",
  ];
  return wrong.filter(Boolean).map((what) => `forbidden request: ${what}`);
}

function checkDownload({ method, url, rawHeaders }: RecordedRequest, token: string | undefined): string[] {
  const secrets = /^(authorization|cookie|x-api-key|proxy-authorization)$/i;
  const named = rawHeaders.filter((name, index) => index % 2 === 0 && secrets.test(name));
  const reported =
    token !== undefined &&
    [url, ...rawHeaders].some((text) => text.includes(token) || text.includes(token.slice(0, 12)));
  const wrong = [
    method === "GET" ? "" : `${method} for a file`,
    ...named,
    reported ? "the token sent to the file server" : "",
  ];
  return wrong.filter(Boolean).map((what) => `forbidden request: ${what}`);
}
