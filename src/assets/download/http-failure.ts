import { retryAfterSeconds } from "./response.ts";
import type { AssetResponse } from "./request.ts";
import { AssetError, type AssetFollowUp } from "../asset-error.ts";
import { safeHead } from "../../lib/text/terminal-safe.ts";

const HEAD_BYTES = 16384;

/** The error for an answer that brings no file, with the beginning of what it says. Uses up its body, or destroys it. */
export async function httpFailure(answer: AssetResponse, host: string): Promise<AssetError> {
  const { statusCode: httpStatus, headers } = answer;
  const head = safeHead(await readHead(answer));
  const said = head === "" ? "" : `: "${head}"`;
  const wait = retryAfterSeconds(headers, Date.now());
  const followUp = followUpOf(httpStatus, wait);
  const details = { httpStatus, followUp, retryAfterSeconds: followUp === "pause" ? wait : null };
  return new AssetError("http", `${host} answered ${httpStatus}${said}`, details);
}

function followUpOf(status: number, wait: number | null): AssetFollowUp {
  if (status === 403 || status === 404 || status === 410) return "miss";
  if (status === 429 || (status === 503 && wait !== null)) return "pause";
  const mayPass = status < 400 || status >= 500 || status === 408 || status === 409 || status === 425;
  return mayPass ? "retry" : "never";
}

async function readHead(answer: AssetResponse): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > HEAD_BYTES) break;
    }
  } catch {
    // The status is what matters; what it had to say may be cut.
  }
  return Buffer.concat(chunks);
}
