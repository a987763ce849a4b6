import type { IncomingMessage } from "node:http";
import { keyInAddress } from "../guard/key-in-address.ts";

/** The address by which a request reached this server, with the key in it if there was one; without a slash at its end. */
export function ownAddress(request: IncomingMessage): string {
  const key = keyInAddress(request);
  const scheme = request.headers["x-forwarded-proto"] === "https" ? "https" : "http";
  return `${scheme}://${request.headers.host}${key === undefined ? "" : `/key/${encodeURIComponent(key)}`}`;
}
