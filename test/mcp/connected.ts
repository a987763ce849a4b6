import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { PROGRAM } from "../helpers/program.ts";

/** A protocol generation. */
export type Generation = "2025" | "2026";

/** A client of `mcp` in a process of its own, over a real pipe. */
export type Connected = AsyncDisposable & { client: Client; stderr: () => string };

export async function connect(home: string, generation: Generation, ...flags: string[]): Promise<Connected> {
  const args = [PROGRAM, "mcp", "--home", home, ...flags];
  const transport = new StdioClientTransport({ command: process.execPath, args, env: { TZ: "UTC" }, stderr: "pipe" });
  let stderr = "";
  transport.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
  const mode = generation === "2025" ? "legacy" : { pin: "2026-07-28" };
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(transport);
  return { client, stderr: () => stderr, [Symbol.asyncDispose]: () => client.close() };
}

/** The structure of a tool's answer, and its text; throws for a tool error. */
export async function call<T = Record<string, unknown>>(
  { client }: Connected,
  name: string,
  args: Record<string, unknown> = {},
): Promise<{ data: T; text: string; content: { type: string }[] }> {
  const { structuredContent, content, isError } = await client.callTool({ name, arguments: args });
  if (isError) throw new Error(textOf(content));
  return { data: structuredContent as T, text: textOf(content), content };
}

/** The message of a tool error; throws when there is none. */
export async function refusal({ client }: Connected, name: string, args: Record<string, unknown>): Promise<string> {
  const { content, isError } = await client.callTool({ name, arguments: args });
  if (!isError) throw new Error(`${name} answered: ${textOf(content)}`);
  return textOf(content);
}

function textOf(content: { type: string }[]): string {
  const [first] = content;
  return first && "text" in first ? String(first.text) : "";
}
