import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { UsageError } from "../../lib/errors.ts";
import { readBody } from "../listen/read-body.ts";

const MAX_BYTES = 4096;
const BODY = z.object({ key: z.string() });

/** The key of a login: `{"key":…}`, or a form's `key=…`. Throws UsageError for anything else. */
export async function readKey(request: IncomingMessage): Promise<{ key: string; isForm: boolean }> {
  const body = await readBody(request, MAX_BYTES);
  if (body === undefined) throw new UsageError("this is too long for a key", { code: "too_large" });
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(request.headers["content-type"] ?? "");
  const parsed = BODY.safeParse(isForm ? Object.fromEntries(new URLSearchParams(body.toString())) : parse(body));
  if (parsed.success) return { key: parsed.data.key, isForm };
  throw new UsageError("key is missing", { hint: 'send {"key": …} as JSON, or a form with a field named key' });
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
