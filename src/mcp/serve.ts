import type { Readable, Writable } from "node:stream";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { openForReading } from "../app/archive.ts";
import type { McpContext } from "./mcp-context.ts";
import { makeServer } from "./make-server.ts";
import { AnsweringTransport } from "./transport.ts";

export type McpStreams = { input: Readable; output: Writable };

/**
 * Speaks the Model Context Protocol over an archive until its input ends or the signal aborts. The archive is opened for
 * each question, so that one that was restored meanwhile is the one that is read. Throws as openForReading does before
 * the first message.
 */
export async function serveMcp(context: McpContext, { input, output }: McpStreams, signal: AbortSignal): Promise<void> {
  (await openForReading(context.config))[Symbol.dispose]();
  const transport = new AnsweringTransport(input, output);
  const onerror = (error: Error) => context.note(`a message was not understood: ${error.message}`);
  const handle = serveStdio(() => makeServer(context), { transport, onerror });
  const stop = () => void handle.close();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  await transport.closed;
  signal.removeEventListener("abort", stop);
}
