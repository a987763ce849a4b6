import type { Context } from "hono";
import type { z } from "zod";
import { UsageError } from "../../lib/errors.ts";
import type { Env } from "../env.ts";

/**
 * The body of a request as JSON of this shape; an empty body is `{}`. Throws UsageError that names what is wrong, also for
 * a body of more than so many bytes.
 */
export async function readBody<Shape extends z.ZodType>(
  context: Context<Env>,
  shape: Shape,
  maxBytes: number,
): Promise<z.infer<Shape>> {
  const text = await readText(context, maxBytes);
  const found = shape.safeParse(parse(text.trim() === "" ? "{}" : text));
  if (found.success) return found.data;
  const [issue] = found.error.issues;
  const where = issue?.path.join(".") ?? "";
  throw new UsageError(`the body${where && `, at ${where}`}: ${issue?.message ?? "not what is expected"}`, {
    code: "bad_body",
  });
}

/** Counted as it comes: a length that is stated may be wrong or absent. */
async function readText({ env: { incoming } }: Context<Env>, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw new UsageError(`the body has more than ${maxBytes.toLocaleString("en")} bytes`, { code: "too_large" });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError("the body is not JSON", { code: "bad_body", cause });
  }
}
