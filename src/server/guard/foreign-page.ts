import type { IncomingMessage } from "node:http";

/**
 * Whether a request was made by a page of another site, as far as the browser says so. Such a request gets nothing: it can
 * read no answer without CORS, but it could play, start or change something. Programs that are no browsers send neither
 * header.
 */
export function isFromForeignPage({ headers, method }: IncomingMessage): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none")
    return !(method === "GET" && headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document");
  return headers.origin !== undefined && !isSameOrigin(headers.origin, headers.host);
}

/** Whether a browser says that a page of this very server made the request. */
export function isFromOwnPage({ headers }: IncomingMessage): boolean {
  if (headers["sec-fetch-site"] !== undefined) return headers["sec-fetch-site"] === "same-origin";
  return headers.origin !== undefined && isSameOrigin(headers.origin, headers.host);
}

/** A proxy may speak https to the browser and http to us, so the scheme is not compared. */
function isSameOrigin(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}
