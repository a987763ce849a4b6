import type { Api } from "../api/client.ts";
import type { Probe } from "../api/probe.ts";
import type { Retry } from "../api/retry.ts";
import { archiveFacts, archiveId } from "../archive/info.ts";
import { openJournal, type Journal } from "../archive/journal/journal.ts";
import { createVerifyResults, type VerifyResults } from "../archive/verify-results.ts";
import type { Downloader } from "../assets/download/download.ts";
import { freeBytes } from "../lib/files/disk-errors.ts";
import { openStore, type AssetStore } from "../assets/store/store.ts";
import type { Config } from "../config.ts";
import { archivePath, createArchive, hasArchive, openArchive, openWithoutMigrating } from "../db/archive-file.ts";
import type { Database } from "../db/connection.ts";
import { acquireLock, type ArchiveLock } from "../db/lock.ts";
import { LockedError } from "../lib/errors.ts";
import { fileIdentity } from "../lib/files/file-identity.ts";
import { packageVersion } from "../lib/package-root.ts";

/** An archive opened for reading: nothing is written through it, and a running sync is never waited for. */
export type Reader = Disposable & { db: Database; home: string; assetsRoot: string };

/**
 * An archive opened for a short write, beside whatever runs. `confirm`, after the write, throws LockedError when a
 * restore or rebuild has put another archive in its place meanwhile: what was written is not in that one.
 */
export type Writer = Disposable & { db: Database; journal: Journal; home: string; confirm(): void };

/** Everything that one run needs; the archive's lock is held until it is disposed of. */
export type RunArchive = AsyncDisposable & { db: Database; journal: Journal; store: AssetStore };

/** True when `config.home` holds an archive. Throws SchemaError when something else lies there. */
export function archiveExists(config: Config): boolean {
  return hasArchive(config.home);
}

/** Makes the archive where there is none; the journal begins with who it is. */
export function ensureArchive(config: Config, kind: "library" | "demo" = "library"): void {
  if (!createArchive(config.home, kind)) return;
  using writer = openForWriting(config);
  const { archive_id: archiveId = "", created_at: createdAt = "" } = archiveFacts(writer.db);
  const at = Date.parse(createdAt);
  writer.journal.append([{ type: "archive", at, archiveId, createdAt, kind }], at);
}

/** Throws UsageError (no archive there), SchemaError, IntegrityError, DiskError. */
export function openForReading(config: Config): Reader {
  const db = openArchive(config.home, { readOnly: true });
  return { db, home: config.home, assetsRoot: config.assets, [Symbol.dispose]: () => db.$client.close() };
}

/** As openForReading, but undefined where there is no archive or where it would have to be migrated first. */
export function peekArchive(config: Config): Reader | undefined {
  const db = openWithoutMigrating(config.home);
  return db && { db, home: config.home, assetsRoot: config.assets, [Symbol.dispose]: () => db.$client.close() };
}

/** Throws as openForReading does. */
export function openForWriting({ home }: Config): Writer {
  const before = fileIdentity(archivePath(home));
  const db = openArchive(home);
  const confirm = () => {
    if (fileIdentity(archivePath(home)) !== before) throw replaced(home);
  };
  const journal = confirmed(openJournal(home), confirm);
  return { db, journal, home, confirm, [Symbol.dispose]: () => db.$client.close() };
}

/** A line about the database that was opened must not come into the journal of one that has taken its place. */
function confirmed(journal: Journal, confirm: () => void): Journal {
  return {
    append(entries, at) {
      confirm();
      journal.append(entries, at);
    },
    appendUnflushed(entries, at) {
      confirm();
      journal.appendUnflushed(entries, at);
    },
  };
}

function replaced(home: string): LockedError {
  return new LockedError(`${home} was put in place anew while this was written (restore, rebuild): it may lack it`, {
    code: "replaced",
    hint: "wait for that to end, then run this command again",
  });
}

/** The archive's files. Makes nothing. */
export function storeOf(config: Config, { db }: { db: Database }): AssetStore {
  return openStore(config.assets, archiveId(db));
}

/** Records what verify finds. The database is opened for writing on the first call, which may therefore throw. */
export function openVerifyResults(config: Config): VerifyResults & Disposable {
  let writer: Writer | undefined;
  let results: VerifyResults | undefined;
  const open = () => (results ??= createVerifyResults((writer = openForWriting(config)).db));
  return {
    recordIntact: (files, now) => files.length > 0 && open().recordIntact(files, now),
    recordLost: (files) => files.length > 0 && open().recordLost(files),
    saveProgress: (run) => open().saveProgress(run),
    recordRun: (run) => open().recordRun(run),
    [Symbol.dispose]: () => writer?.[Symbol.dispose](),
  };
}

/** The archive's own id. Throws IntegrityError. */
export function archiveIdOf(db: Database): string {
  return archiveId(db);
}

/** The same for an archive that is open for a run. */
export function verifyResultsOf(db: Database): VerifyResults {
  return createVerifyResults(db);
}

/** Takes the lock; throws LockedError when another run holds it, otherwise as openForReading does. */
export async function openForRun(config: Config, command: string): Promise<RunArchive> {
  openArchive(config.home, { readOnly: true }).$client.close();
  const lock = acquireLock(config.home, command);
  try {
    const db = openArchive(config.home, { locked: true });
    const close = async () => {
      db.$client.close();
      lock.release();
      return Promise.resolve();
    };
    return {
      db,
      journal: openJournal(config.home),
      store: openStore(config.assets, archiveId(db)),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Holds an archive whose database need not be there or sound; throws LockedError when another run holds it. */
export function lockArchive(config: Config, command: string): ArchiveLock {
  return acquireLock(config.home, command);
}

/** Says that a schedule is at work here; throws LockedError when another one is. Runs take the archive's own lock. */
export function lockSchedule(config: Config): ArchiveLock {
  return acquireLock(config.home, "watch", 0, "watch");
}

/** The API as `config` names it. What speaks HTTP is loaded here: commands that only read start without it. */
export async function connectApi(
  config: Config & { token: string },
  onRetry: (retry: Retry) => void,
): Promise<Api & AsyncDisposable> {
  const { openApi } = await import("../api/open-api.ts");
  return openApi({ apiUrl: config.apiUrl, token: config.token, rate: config.rate, userAgent: userAgent(), onRetry });
}

/** Asks the API one free question; loaded here for the same reason. */
export async function tryApi(config: Config & { token: string }, id: string, signal: AbortSignal): Promise<Probe> {
  const { probeApi } = await import("../api/probe.ts");
  return probeApi({ apiUrl: config.apiUrl, token: config.token, rate: 0, userAgent: userAgent() }, id, signal);
}

export type TransferOptions = { onBytes: (count: number) => void; bytesPerSecond: number | undefined };

/** Bytes free on the disk of the assets folder; null where that cannot be told. */
export function freeSpace(store: AssetStore): Promise<number | null> {
  return freeBytes(store.root).catch(() => null);
}

/** Downloads into `store`; loaded here for the same reason. */
export async function connectDownloader(
  config: Config,
  store: AssetStore,
  transfer: TransferOptions,
): Promise<Downloader> {
  const { createDownloader } = await import("../assets/download/download.ts");
  const { assetHosts, idleTimeoutSeconds } = config;
  return createDownloader({ store, assetHosts, idleTimeoutSeconds, userAgent: userAgent(), ...transfer });
}

function userAgent(): string {
  return `producer-mirror/${packageVersion()} (+https://www.npmjs.com/package/producer-mirror)`;
}
