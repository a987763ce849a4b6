import type { Exchange } from "./mishaps.ts";
import type { Header, Reply } from "./reply.ts";

/** Sends a reply as HTTP asks for it: with its length, and without a body for HEAD. */
export function sendReply({ request, response, reply }: Exchange): void {
  response.writeHead(reply.status, headersOf(reply));
  response.end(request.method === "HEAD" ? undefined : reply.body);
}

/** Sends the headers and the first `bytes` of the body, then closes the connection. */
export function sendCut({ response, reply }: Exchange, bytes: number): void {
  response.writeHead(reply.status, headersOf(reply));
  response.write(reply.body.subarray(0, bytes));
  response.socket?.end();
}

/** Names and values in turn. RFC 9110 8.6: no length with 204 and 304. */
function headersOf({ status, headers, body }: Reply): string[] {
  const hasLength = status !== 204 && status !== 304;
  const length: Header[] = hasLength ? [["Content-Length", String(body.length)]] : [];
  return [...headers, ...length].flat();
}
