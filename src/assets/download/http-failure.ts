import { retryAfterSeconds } from "../../lib/net/retry-after.ts";
import { safeHead } from "../../lib/text/terminal-safe.ts";
import { AssetError } from "../asset-error.ts";
import { conclude } from "./conclude.ts";
import type { AssetResponse } from "./request.ts";

const HEAD_BYTES = 16384;

/**
 * The error for a response without the file or its rest; quotes the beginning of its body. Null when only the request for
 * a part was refused, so that the whole file is requested. Reads the body to its end or destroys it.
 */
export async function httpFailure(
  response: AssetResponse,
  host: string,
  asked: "whole" | "part",
): Promise<AssetError | null> {
  const { statusCode: httpStatus, headers } = response;
  const body = await readHead(response);
  const conclusion = conclude(httpStatus, headers, body.toString("latin1"), asked);
  if (conclusion.about === "range") return null;
  const head = safeHead(body);
  const quoted = head === "" ? "" : `: "${head}"`;
  const { followUp } = conclusion;
  if (conclusion.about === "front") {
    const message = `${conclusion.name} answered ${httpStatus} in place of ${host}${quoted}`;
    return new AssetError("in_front", message, { httpStatus, followUp, isUnreachable: true });
  }
  const wait = followUp === "pause" ? retryAfterSeconds(headers["retry-after"]) : null;
  const details = { httpStatus, followUp, retryAfterSeconds: wait };
  return new AssetError("http", `${host} answered ${httpStatus}${quoted}`, details);
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
