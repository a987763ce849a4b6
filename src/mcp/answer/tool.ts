import type { CallToolResult, ContentBlock, McpServer, ToolCallback } from "@modelcontextprotocol/server";
import type * as z from "zod";
import { openForReading, type Reader } from "../../app/archive.ts";
import { MirrorError, QueryError } from "../../lib/errors.ts";
import type { McpContext } from "../mcp-context.ts";
import { failureText } from "./failure.ts";
import { estimateTokens, HALF_ANSWER } from "./tokens.ts";

/** What a tool found: the structure that its schema describes, as text too, and links to files. */
export type ToolAnswer = {
  structured: Record<string, unknown>;
  /** Default: the structure as JSON. */
  text?: string;
  more?: ContentBlock[];
};

/** A tool that only reads. Its answer is made while the archive is open, which it is for one question. */
export type Tool<Input extends z.ZodObject> = {
  name: string;
  title: string;
  description: string;
  input: Input;
  output: z.ZodObject;
  /** Throws MirrorError: then the answer is a tool error, which the assistant reads. */
  answer(reader: Reader, args: z.output<Input>, signal: AbortSignal): ToolAnswer | Promise<ToolAnswer>;
};

const READ_ONLY = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };

/** Offers a tool. No answer of it is larger than clients take. */
export function addTool<Input extends z.ZodObject>(
  server: McpServer,
  { config, note }: McpContext,
  tool: Tool<Input>,
): void {
  const { name, title, description, input, output } = tool;
  const settings = { title, description, inputSchema: input, outputSchema: output, annotations: READ_ONLY };
  const call = async (args: z.output<Input>, { mcpReq }: { mcpReq: { signal: AbortSignal } }) => {
    try {
      using reader = await openForReading(config);
      return toResult(await tool.answer(reader, args, mcpReq.signal));
    } catch (error) {
      if (!(error instanceof MirrorError)) note(`${name}: ${error instanceof Error ? error.stack : String(error)}`);
      return { isError: true, content: [{ type: "text", text: failureText(error) }] } satisfies CallToolResult;
    }
  };
  server.registerTool(name, settings, call as unknown as ToolCallback<Input>);
}

function toResult({ structured, text = JSON.stringify(structured), more = [] }: ToolAnswer): CallToolResult {
  if (estimateTokens(text) > HALF_ANSWER)
    throw new QueryError(`the answer has ${text.length} characters, more than an assistant takes: ask for less`, {
      code: "answer_too_large",
    });
  return { content: [{ type: "text", text }, ...more], structuredContent: structured };
}
