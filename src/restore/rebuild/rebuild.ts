import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq, sql } from "drizzle-orm";
import { createAssetWriter } from "../../archive/assets.ts";
import { archiveFacts } from "../../archive/info.ts";
import { addUnsavedLines, openJournal } from "../../archive/journal/journal.ts";
import { replayJournal } from "../../archive/replay-journal.ts";
import { write } from "../../archive/transaction.ts";
import { openStore, type AssetStore } from "../../assets/store/store.ts";
import { formatTimestamp } from "../../backup/generations.ts";
import { archivePath, buildArchiveFile, type ArchiveFacts } from "../../db/archive-file.ts";
import { checkDatabase } from "../../db/check-pages.ts";
import { connectScratch, type Database } from "../../db/connection.ts";
import { assets } from "../../db/schema.ts";
import { IntegrityError } from "../../lib/errors.ts";
import { findFiles, type AdoptedFile } from "./find-files.ts";
import { addWhatWasWrittenMeanwhile, freshDatabase } from "./fresh-database.ts";
import { findFacts, openOld, requireJournal } from "./old-database.ts";
import { replaceDatabase } from "./replace-database.ts";
import { reportOf, type RebuildReport } from "./report.ts";
import { countRescued, rescue, type OldDatabase } from "./rescue.ts";
import { moveDamagedLines, moveForeignFiles } from "./set-aside.ts";
import { OLD, takeOverBookkeeping } from "./take-over.ts";

export type RebuildDeps = {
  home: string;
  assets: string;
  /** Take the assets folder as this archive's, whatever its marker says. */
  adoptAssets?: boolean;
  now: () => number;
  signal: AbortSignal;
  onProgress: (progress: { step: "lines" | "files"; done: number }) => void;
};

/**
 * Makes the database again from the journal and the files, without network: the one way back from a database that is lost,
 * damaged, older than the journal or different from it. What only a database knows is taken over from the old one where
 * that can be read, as are records, files and decisions whose lines the journal has lost. The new database is built beside
 * the old one, checked, and then replaces it. Short writes may go on meanwhile: what they added to the journal is added to
 * the new database. The caller holds the lock. Throws UsageError when there is neither a journal nor a readable database,
 * IntegrityError when the new database has a problem, DiskError also for an assets folder that is gone or not this
 * archive's.
 */
export async function rebuild(deps: RebuildDeps, { dryRun = false } = {}): Promise<RebuildReport> {
  const path = archivePath(deps.home);
  const old = openOld(path);
  try {
    if (!old) requireJournal(deps.home);
    const facts = await findFacts(deps, old);
    if (dryRun) return await inTemporaryFolder((fresh) => buildDry(fresh, facts, old, deps));
    return await buildAndReplace(path, facts, old, deps);
  } finally {
    old?.db.$client.close();
  }
}

/** A dry run creates no file in the home. */
async function inTemporaryFolder(work: (fresh: string) => Promise<RebuildReport>): Promise<RebuildReport> {
  const folder = mkdtempSync(join(tmpdir(), "producer-mirror-"));
  try {
    return await work(join(folder, "archive.db"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function buildDry(
  fresh: string,
  facts: ArchiveFacts,
  old: OldDatabase | undefined,
  deps: RebuildDeps,
): Promise<RebuildReport> {
  buildArchiveFile(fresh, facts);
  const db = connectScratch(fresh);
  try {
    const { replayed, found, adopted } = await fill(db, old, deps);
    if (old) db.$client.prepare(`attach ? as ${OLD}`).run(archivePath(deps.home));
    const rescued = old ? countRescued(db, old, replayed, deps) : 0;
    for (const { row } of adopted) db.update(assets).set({ state: "stored" }).where(eq(assets.id, row.id)).run();
    const historyKept = old ? takeOver(db) : null;
    return { ...reportOf(db, replayed, found), rescued, historyKept, before: null };
  } finally {
    db.$client.close();
  }
}

async function buildAndReplace(
  path: string,
  facts: ArchiveFacts,
  old: OldDatabase | undefined,
  deps: RebuildDeps,
): Promise<RebuildReport> {
  const built = await buildOnce(path, facts, old, deps, { rescued: 0 });
  if (typeof built !== "number") return built;
  // What the journal has now decides, in its order.
  return (await buildOnce(path, facts, old, deps, { rescued: built })) as RebuildReport;
}

/** Returns how many lines were written to the journal again, if any were: then it is to be replayed once more. */
async function buildOnce(
  path: string,
  facts: ArchiveFacts,
  old: OldDatabase | undefined,
  deps: RebuildDeps,
  { rescued }: { rescued: number },
): Promise<RebuildReport | number> {
  using fresh = freshDatabase(path, facts);
  const { db } = fresh;
  const { replayed, found, adopted } = await fill(db, old, deps);
  if (old) db.$client.prepare(`attach ? as ${OLD}`).run(path);
  // An immediate transaction locks the attached database too: short writers wait until it ends.
  const written = write(db, () => {
    addUnsavedLines(deps.home, db);
    const lines = old && rescued === 0 ? rescue(db, old, replayed, deps) : 0;
    if (lines > 0) return lines;
    moveDamagedLines(deps.home, db, replayed.damaged);
    moveForeignFiles(deps.home, replayed.foreign);
    recordAdopted(db, adopted, deps);
    return { historyKept: old ? takeOver(db) : null };
  });
  if (typeof written === "number") return written;
  const problems = checkDatabase(db, true);
  if (problems.length > 0) throw new IntegrityError(`the rebuilt database has a problem: ${problems[0]}`);
  const report = reportOf(db, replayed, found);
  if (old) db.$client.exec(`detach ${OLD}`);
  const keepAs = `${path}.before-rebuild-${formatTimestamp(deps.now())}`;
  const before = await replaceDatabase(path, fresh, old?.db, keepAs);
  addWhatWasWrittenMeanwhile(path, deps.home);
  return { ...report, rescued, ...written, before };
}

async function fill(db: Database, old: OldDatabase | undefined, deps: RebuildDeps) {
  const { home, signal, onProgress } = deps;
  const archiveId = String(archiveFacts(db).archive_id);
  const onLine = (done: number) => onProgress({ step: "lines", done });
  const compared = old?.held ?? [];
  const replayed = await replayJournal(db, { home, archiveId, signal, onLine, compared });
  const store = openStore(deps.assets, archiveId);
  await prepareStore(store, db, deps);
  const onFile = (done: number) => onProgress({ step: "files", done });
  return { replayed, ...(await findFiles(db, store, { signal, onFile })) };
}

/** No file is taken for lost in a folder that is not there, or is not this archive's. */
async function prepareStore(store: AssetStore, db: Database, { adoptAssets = false }: RebuildDeps): Promise<void> {
  const { any } = db.get<{ any: number }>(sql`select exists(select 1 from assets where state = 'stored') as any`);
  if (adoptAssets) await store.adopt();
  else await store.check({ files: any === 1 });
}

function recordAdopted(db: Database, adopted: AdoptedFile[], { home, now }: RebuildDeps): void {
  if (adopted.length === 0) return;
  const journal = openJournal({ home, db });
  const writer = createAssetWriter(db, journal);
  journal.write(() => {
    for (const { row, file } of adopted) writer.markStored(row, file, now());
  });
}

/** False when the old database is too damaged for it. */
function takeOver(db: Database): boolean {
  try {
    write(db, () => takeOverBookkeeping(db));
    return true;
  } catch (error) {
    if (!/^SQLITE_(CORRUPT|NOTADB|ERROR|CONSTRAINT)/.test(String((error as { code?: unknown }).code))) throw error;
    return false;
  }
}
