import type { Context } from "hono";
import type { z } from "zod";
import { UsageError } from "../../lib/errors.ts";
import type { Env } from "../env.ts";
import { readBody } from "../listen/read-body.ts";

/**
 * The body of a request as JSON of this shape; an empty body is `{}`. Throws UsageError that names what is wrong, also for
 * a body of more than so many bytes.
 */
export async function readShape<Shape extends z.ZodType>(
  context: Context<Env>,
  shape: Shape,
  maxBytes: number,
): Promise<z.infer<Shape>> {
  const bytes = await readBody(context.env.incoming, maxBytes);
  if (bytes === undefined)
    throw new UsageError(`the body has more than ${maxBytes.toLocaleString("en")} bytes`, { code: "too_large" });
  const text = bytes.toString();
  const found = shape.safeParse(parse(text.trim() === "" ? "{}" : text));
  if (found.success) return found.data;
  const [issue] = found.error.issues;
  const where = issue?.path.join(".") ?? "";
  throw new UsageError(`the body${where && `, at ${where}`}: ${issue?.message ?? "not what is expected"}`, {
    code: "bad_body",
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError("the body is not JSON", { code: "bad_body", cause });
  }
}
