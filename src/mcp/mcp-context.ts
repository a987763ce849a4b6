import type { Config } from "../config.ts";

/** What every answer is made with. */
export type McpContext = {
  config: Config;
  /** One line on stderr. */
  note: (line: string) => void;
  /** The limits of `run_sql`; undefined: it is not offered. */
  sql: SqlLimits | undefined;
};

export type SqlLimits = { timeMs: number; memoryBytes: number };
