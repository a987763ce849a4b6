import { Writable } from "node:stream";
import { callbackify } from "node:util";
import { Option } from "commander";
import { archiveExists } from "../../app/archive.ts";
import { CLIENTS, clientConfig, type Client } from "../../mcp/client-config.ts";
import { signalExitCode } from "../../print/output/interrupted.ts";
import type { Output } from "../../print/output/output.ts";
import type { CliCommand } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import { QUERY_MEMORY_BYTES, readTimeout } from "../options/sql-options.ts";

type Options = { sql?: boolean; timeout?: string; printConfig?: Client | true };

const WHERE = `
Clients start it themselves. --print-config prints what their settings want: "mcpServers" for Claude
(claude_desktop_config.json, or .mcp.json of a project) and Cursor (~/.cursor/mcp.json), "servers" for VS Code
(.vscode/mcp.json).`;

/** The archive for assistants, by the Model Context Protocol on stdin and stdout. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.option("--assets <folder>", "the folder of the files (PRODUCER_MIRROR_ASSETS, default <home>/assets)");
    bare.option("--sql", "also offer run_sql: read-only SQL, which sees every table");
    bare.option("--timeout <time>", "with --sql: stop a query after this long (default 5s)");
    bare.addOption(
      new Option(
        "--print-config [client]",
        `print the settings of a client: ${CLIENTS.join(", ")} (default all)`,
      ).choices(CLIENTS),
    );
    bare.addHelpText("after", WHERE);
    addExitCodes(bare, [0, 2, 4, 7, 9, 130, 143], { 0: "its input has ended" });
    return addExample(bare, "producer-mirror mcp --print-config claude");
  },

  async run({ config: settings, output, signal }, _args, { sql = false, timeout = "5s", printConfig }) {
    const timeMs = readTimeout(timeout);
    const config = settings();
    if (printConfig !== undefined) {
      await output.json(clientConfig(config, { sql, client: printConfig === true ? undefined : printConfig }));
      return archiveExists(config) ? {} : { notes: [`there is no archive at ${config.home} yet`] };
    }
    if (process.stdin.isTTY)
      output.note("a client speaks here, not a person; --print-config prints its settings; ^D ends");
    const context = { config, note: output.note, sql: sql ? { timeMs, memoryBytes: QUERY_MEMORY_BYTES } : undefined };
    const { serveMcp } = await import("../../mcp/serve.ts");
    const end = AbortSignal.any([signal, output.readerGone]);
    await serveMcp(context, { input: process.stdin, output: toStdout(output) }, end);
    return signal.aborted ? { exit: signalExitCode(signal) } : {};
  },
};

/** Messages go the way of all output. */
function toStdout(output: Output): Writable {
  const print = callbackify((text: string) => output.printExactly(text));
  return new Writable({
    decodeStrings: false,
    write: (text: string, _encoding, done) => print(text, done),
  });
}
