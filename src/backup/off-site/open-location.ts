import { findProgram } from "./program/find-program.ts";
import type { Place } from "./location.ts";
import { needPassword, resticInit, resticSnapshots, type Calls } from "./restic.ts";

/** Restoring says nothing for long and sends nothing for long; a quarter of an hour without any sign is a hang. */
const IDLE_MS = 15 * 60_000;

export type PlaceDeps = {
  /** Our own; the program is given what it may need of it. */
  env: Record<string, string | undefined>;
  signal: AbortSignal;
  idleMs?: number;
};

/**
 * Finds the program for a place and makes sure that it can be used there, before anything else is begun. `init` makes a
 * restic repository. Throws UsageError (no program, no password, no repository), RefusedError (wrong password),
 * UpstreamError and DiskError (the place cannot be reached).
 */
export async function openPlace(place: Place, deps: PlaceDeps, init = false): Promise<Calls> {
  const { env, signal, idleMs = IDLE_MS } = deps;
  const calls = { place, program: await findProgram(place.program, env, signal), signal, idleMs };
  if (place.program === "rclone") return calls;
  needPassword(calls);
  if (init) await resticInit(calls);
  await resticSnapshots(calls, undefined);
  return calls;
}
