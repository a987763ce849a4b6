import { retryAfterSeconds } from "../../lib/net/retry-after.ts";
import type { AssetResponse } from "./request.ts";
import { AssetError, type AssetFollowUp } from "../asset-error.ts";
import { safeHead } from "../../lib/text/terminal-safe.ts";

const HEAD_BYTES = 16384;

/** The error for a response without a file; quotes the beginning of its body. Reads the body to its end or destroys it. */
export async function httpFailure(response: AssetResponse, host: string): Promise<AssetError> {
  const { statusCode: httpStatus, headers } = response;
  const head = safeHead(await readHead(response));
  const quoted = head === "" ? "" : `: "${head}"`;
  const wait = retryAfterSeconds(headers["retry-after"]);
  const followUp = followUpOf(httpStatus, wait);
  const details = { httpStatus, followUp, retryAfterSeconds: followUp === "pause" ? wait : null };
  return new AssetError("http", `${host} answered ${httpStatus}${quoted}`, details);
}

function followUpOf(status: number, wait: number | null): AssetFollowUp {
  if (status === 403 || status === 404 || status === 410) return "miss";
  if (status === 429 || (status === 503 && wait !== null)) return "pause";
  const mayPass = status < 400 || status >= 500 || status === 408 || status === 409 || status === 425;
  return mayPass ? "retry" : "never";
}

async function readHead(response: AssetResponse): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > HEAD_BYTES) break;
    }
  } catch {
    // The status matters; the text may be incomplete.
  }
  return Buffer.concat(chunks);
}
