import type { Config } from "../../config.ts";
import type { VerifyReport } from "../../verify/report.ts";
import { verify } from "../../verify/verify.ts";
import { openForChecking } from "../archive.ts";
import { openVerifyResults, storeOf } from "../archive-files.ts";

/** Verifies the archive and saves what it finds. Throws as `verify` does. */
export async function verifyOnce(config: Config, mode: "quick" | "full", signal: AbortSignal): Promise<VerifyReport> {
  using archive = await openForChecking(config);
  using results = openVerifyResults(config);
  const deps = { db: archive.db, home: config.home, store: storeOf(config, archive), results, now: Date.now, signal };
  return await verify({ ...deps, onProgress: () => {} }, { mode, restart: false });
}
