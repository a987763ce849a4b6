import { existsSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../lib/package-root.ts";
import type { Config } from "../config.ts";

/** Programs whose settings are known. */
export const CLIENTS = ["claude", "cursor", "vscode"] as const;
export type Client = (typeof CLIENTS)[number];

/**
 * What a client's settings want, with absolute paths, since clients start programs in folders of their own and without
 * a person's PATH. Without a client the settings of all: `mcpServers` for Claude and Cursor, `servers` for VS Code.
 */
export function clientConfig(config: Config, { sql, client }: { sql: boolean; client?: Client | undefined }): object {
  const entry = {
    command: process.execPath,
    args: [programPath(), "mcp", ...homeFlags(config), ...(sql ? ["--sql"] : [])],
  };
  const most = { mcpServers: { "producer-mirror": entry } };
  const vscode = { servers: { "producer-mirror": { type: "stdio", ...entry } } };
  if (client === undefined) return { ...most, ...vscode };
  return client === "vscode" ? vscode : most;
}

function homeFlags({ home, assets }: Config): string[] {
  return ["--home", home, ...(assets === join(home, "assets") ? [] : ["--assets", assets])];
}

/** The program itself: the bundle, or src/ where it runs from there. */
function programPath(): string {
  const built = join(packageRoot(), "dist/main.js");
  return import.meta.url.endsWith(".ts") && !existsSync(built) ? join(packageRoot(), "src/main.ts") : built;
}
