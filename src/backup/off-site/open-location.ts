import { findProgram } from "./program/find-program.ts";
import type { Location, OpenLocation } from "./location.ts";
import { requirePassword, resticInit, resticSnapshots } from "./restic.ts";

/** A restore prints and sends nothing for long; a quarter of an hour without any output is a hang. */
const IDLE_MS = 15 * 60_000;

export type OpenDeps = {
  /** Our own environment; the program gets what it may need of it. */
  env: Record<string, string | undefined>;
  signal: AbortSignal;
  idleMs?: number;
};

/**
 * Finds the program for a location and makes sure that the location can be used, before any work begins. `init` creates
 * a restic repository. Throws UsageError (no program, no password, no repository), RefusedError (wrong password),
 * UpstreamError and DiskError (the location cannot be reached).
 */
export async function openLocation(location: Location, deps: OpenDeps, init = false): Promise<OpenLocation> {
  const { env, signal, idleMs = IDLE_MS } = deps;
  const open = { ...location, program: await findProgram(location.kind, env, signal), signal, idleMs };
  if (open.kind === "rclone") return open;
  requirePassword(open);
  if (init) await resticInit(open);
  await resticSnapshots(open, undefined);
  return open;
}
