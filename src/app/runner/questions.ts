import { dueTaskIds, nextTaskDueAt } from "../../archive/due.ts";
import type { Config } from "../../config.ts";
import type { Database } from "../../db/connection.ts";
import { LockedError } from "../../lib/errors.ts";
import { fileFingerprint } from "../../lib/files/file-identity.ts";
import { sleep } from "../../lib/net/backoff.ts";
import { openForReading } from "../archive.ts";
import type { Turns } from "./turns.ts";
import { backingOff, type RefusedToken } from "./refused.ts";

export type QuestionDeps = {
  home: string;
  settings: () => Promise<Config>;
  refused: RefusedToken;
  signal: AbortSignal;
  /** What is due is decided when no other run is at work: it may have asked for the same, or been refused. */
  takeTurn: Turns;
  /** Asks for these in one run. Rejects when it could not. */
  ask: (ids: string[]) => Promise<unknown>;
  /** Only ids that `add` was given, as long as they are open. */
  onlyAdded: boolean;
};

/** Asks for open tasks when they are due, between the runs of the schedule. */
export type Questions = {
  /** Asks for these at once; those that have ended are passed over. */
  add(ids: string[]): void;
  done: Promise<void>;
};

/** How often is looked whether something was tracked. */
const LOOK_MS = 2000;
/** After a question that failed; doubled each time. */
const PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 15 * 60_000;
/** Ids of one question; the rest follow at once. */
const MOST_IDS = 500;

export function askQuestions(deps: QuestionDeps): Questions {
  const state: State = { soon: new Set(), followed: new Set(), fingerprint: "", dueAt: 0, wake: new AbortController() };
  const add = (ids: string[]) => {
    for (const id of ids) state.soon.add(id);
    state.wake.abort();
  };
  return { add, done: loop(deps, state) };
}

type State = {
  /** To be asked for at once. */
  soon: Set<string>;
  /** Given by `add`, and open. */
  followed: Set<string>;
  /** The archive's files as they were at the last look, and what that look found. */
  fingerprint: string;
  dueAt: number | null;
  wake: AbortController;
};

async function loop(deps: QuestionDeps, state: State): Promise<void> {
  const { signal } = deps;
  for (let failures = 0; !signal.aborted;) {
    state.wake = new AbortController();
    const asked = await deps.takeTurn(() => askDue(deps, state));
    if (asked) {
      failures = asked.went === false ? failures + 1 : 0;
      if (asked.went && asked.ids === MOST_IDS) continue;
    }
    if (failures === 0) await pause(LOOK_MS, AbortSignal.any([signal, state.wake.signal]));
    // Nothing that is added now changes that the API cannot be asked.
    else await pause(Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** Math.min(failures - 1, 10)), signal);
  }
}

/** Returns how many ids were asked for, and how that went; undefined when nothing was due. */
async function askDue(
  deps: QuestionDeps,
  state: State,
): Promise<{ ids: number; went: boolean | undefined } | undefined> {
  const ids = deps.signal.aborted ? [] : await idsToAsk(deps, state).catch(() => []);
  if (ids.length === 0) return undefined;
  const went = await askFor(deps, ids);
  if (went) for (const id of ids) state.soon.delete(id);
  state.dueAt = 0;
  return { ids: ids.length, went };
}

/** Whether the question was answered. Undefined when another run holds the archive: it asks for the same. */
async function askFor(deps: QuestionDeps, ids: string[]): Promise<boolean | undefined> {
  try {
    await deps.ask(ids);
    using archive = await openForReading(await deps.settings());
    return dueTaskIds(archive.db, { only: ids, scheduledFor: Date.now() }).length === 0;
  } catch (error) {
    return error instanceof LockedError ? undefined : false;
  }
}

/** Opens the archive only when it has changed or something is due. */
async function idsToAsk(deps: QuestionDeps, state: State): Promise<string[]> {
  const now = Date.now();
  const fingerprint = ["archive.db", "archive.db-wal"].map((name) => fileFingerprint(`${deps.home}/${name}`)).join();
  const isDue = state.dueAt !== null && state.dueAt <= now;
  if (!isDue && fingerprint === state.fingerprint && state.soon.size === 0) return [];
  const config = await deps.settings();
  using archive = await openForReading(config);
  state.fingerprint = fingerprint;
  state.dueAt = nextTaskDueAt(archive.db, now);
  if (isRefused(deps.refused, config, archive.db, now)) return [];
  return [...new Set([...idsOf(archive.db, state), ...dueIds(deps, archive.db, state, now)])].slice(0, MOST_IDS);
}

function isRefused(refused: RefusedToken, { token }: Config, db: Database, now: number): boolean {
  return refused.was === undefined ? backingOff(db, now) !== undefined : refused.was === token;
}

/** Of those that were added, the ones that are open. */
function idsOf(db: Database, { soon, followed }: State): string[] {
  if (soon.size === 0) return [];
  const open = dueTaskIds(db, { only: [...soon] });
  soon.clear();
  for (const id of open) {
    soon.add(id);
    followed.add(id);
  }
  return open;
}

function dueIds({ onlyAdded }: QuestionDeps, db: Database, { followed }: State, now: number): string[] {
  if (!onlyAdded) return dueTaskIds(db, { scheduledFor: now });
  if (followed.size === 0) return [];
  const open = new Set(dueTaskIds(db, { only: [...followed] }));
  for (const id of followed) if (!open.has(id)) followed.delete(id);
  return dueTaskIds(db, { only: [...followed], scheduledFor: now });
}

/** Ends early, and without an error, when the signal aborts. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, signal).catch(() => {});
}
