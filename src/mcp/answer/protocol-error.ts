import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import { UsageError } from "../../lib/errors.ts";
import { failureText } from "./failure.ts";

/** An error as resources and prompts have them, which know no tool errors. */
export function asProtocolError(error: unknown): ProtocolError {
  const code = error instanceof UsageError ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
  return new ProtocolError(code, failureText(error));
}
