import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { makeFolders } from "../../../lib/files/make-folders.ts";
import { archiveExists, openForReading } from "../../../app/archive.ts";
import { openForRun } from "../../../app/run-archive.ts";
import { ensureArchive } from "../../../app/write-archive.ts";
import { defaultConfig, readEnvironment, type Config } from "../../../config.ts";
import { demoLibrary } from "../../../demo/library/library.ts";
import { taskIds } from "../../../demo/library/library-types.ts";
import { logText } from "../../../demo/library/log-text.ts";
import { startDemoService, type DemoService } from "../../../demo/service/demo-service.ts";
import { BACKUPS_MARKER } from "../../../backup/generations.ts";
import { readMarker } from "../../../lib/files/folder-marker.ts";
import { EXIT, MirrorError, UsageError } from "../../../lib/errors.ts";
import { listClips } from "../../../query/lists/clips.ts";
import { isDemoArchive } from "../../../query/lists/archive-facts.ts";
import type { CliCommand, Context } from "../../command.ts";
import { demoMishaps } from "./mishaps.ts";
import { demoStage, type Stage } from "./stage.ts";
import { addExample, addExitCodes } from "../../options/help.ts";
import { command as backup } from "../backup/backup.ts";
import { command as restore } from "../restore/restore.ts";
import { command as search } from "../search/search.ts";
import { command as stats } from "../stats.ts";
import { printOutcome } from "../../run-command.ts";
import { syncOutcome, syncWithProgress } from "../sync/sync-outcome.ts";
import { command as track } from "../track.ts";
import { command as verify } from "../verify/verify.ts";

type Options = { home?: string; dryRun?: boolean };
type Play = { context: Context; config: Config; stage: Stage; log: string };

/** What each demo deletes and creates again, beside the backup of it; nothing else in its folder is changed. */
const OWN = [
  "archive.db",
  "archive.db-wal",
  "archive.db-shm",
  "archive.db.new",
  "assets",
  "journal",
  "lock.db",
  "lock.json",
  "my-app.log",
];
/** In the folder of the files, as assets/store/marker.ts writes it. */
const ASSETS_MARKER = ".producer-mirror";
/** Milliseconds until the unfinished song is requested again. */
const MAKING_MS = 2000;

/** A stand-in for Producer, a first sync, and a tour: the commands that a user would type, on made-up songs. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.option("-n, --dry-run", "show where the demo's archive would be created, and create nothing");
    bare.addHelpText(
      "after",
      "\nThe demo has its own archive, in data/demo or --home. It reads no environment variable and no .env.",
    );
    addExitCodes(bare, [0, 2, 4, 7, 8, 130, 143], { 2: "usage; the folder has an archive that is not the demo's" });
    return addExample(bare, "producer-mirror demo");
  },

  async run(context, _args, options) {
    const home = resolve(readEnvironment().cwd(), options.home ?? join("data", "demo"));
    if (options.dryRun) return { lines: [`${home} · would be created, with the songs of a stand-in for Producer`] };
    await clear(defaultConfig(home, {}));
    const service = await startDemoService({ library: demoSongs, mishaps: demoMishaps() });
    try {
      const config = defaultConfig(home, {
        token: "demo",
        apiUrl: service.url,
        assetHosts: [service.assetHost],
        rate: 2,
      });
      const log = writeLog(config, service);
      const own: Context = { ...context, config: () => config };
      const stage = demoStage(own, demoFailed);
      const play: Play = { context: own, config, stage, log };
      await mirrorSongs(play, service);
      await service.close();
      await takeTour(play);
      await showBackup(play);
      await showRest(play);
    } finally {
      await service.close();
    }
  },
};

function demoFailed(line: string, exit: number): MirrorError {
  return new MirrorError("demo_failed", EXIT.unexpected, `\`${line}\` ended with ${exit}`);
}

async function mirrorSongs({ context, config, stage, log }: Play, service: DemoService): Promise<void> {
  const [tasks, lines] = [taskIds(service.library).length, readFileSync(log, "utf8").trimEnd().split("\n").length];
  await stage.say(
    `A stand-in for Producer runs on this machine. The log of an app, ${lines} lines, names its ${tasks} tasks, each twice:`,
  );
  await stage.type(`track --file ${relative(process.cwd(), log)}`, track, [], { file: [log] });
  await stage.say("First sync. On the way, the API answers 429 once, and one download is cut in the middle:");
  await sync(context, config, stage);
  context.output.print(describeMishaps(service));
  await stage.say("One song was not finished yet. A little later it is:");
  await new Promise((resolve) => setTimeout(resolve, MAKING_MS));
  context.signal.throwIfAborted();
  await sync(context, config, stage);
  await stage.say("Nothing is left to fetch, so another sync sends no request:");
  const before = service.requests.length;
  await sync(context, config, stage);
  context.output.print(`requests to the API and the file server meanwhile: ${service.requests.length - before}`);
}

async function takeTour({ context, config, stage }: Play): Promise<void> {
  await stage.say("Now the stand-in is switched off. Everything is still here:");
  await stage.type("verify --full", verify, [], { full: true });
  await stage.type("search chorus light --limit 3", search, ["chorus", "light"], { limit: "3" });
  await stage.type("stats --by model", stats, [], { by: "model" });
  await stage.say("A song is a plain file; open this one with any player:");
  context.output.print(await firstSong(config));
}

/** Into a folder beside the demo's, which the next demo replaces; it is restored into one that is removed again. */
async function showBackup({ context, config, stage }: Play): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "producer-mirror-demo-"));
  try {
    const [disk, laptop] = [backupFolder(config), defaultConfig(join(folder, "laptop"), {})];
    const name = relative(process.cwd(), disk);
    await stage.say("A backup into a folder, best one on another disk. It counts once every file was read back:");
    await stage.type(`backup ${name}`, backup, [disk], {});
    await stage.say("A new laptop has nothing but that backup: the archive comes back, and every byte is checked:");
    const there = demoStage({ ...context, config: () => laptop }, demoFailed);
    await there.type(`restore ${name} --home ${laptop.home}`, restore, [disk], {});
    await there.type(`verify --full --home ${laptop.home}`, verify, [], { full: true });
    context.output.print(`(${laptop.home} is removed again)`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function backupFolder({ home }: Config): string {
  return `${home}-backup`;
}

/** The backup of the archive that is about to be removed; never another one. */
async function clearBackup(config: Config): Promise<void> {
  const folder = backupFolder(config);
  const owner = await readMarker(folder, BACKUPS_MARKER);
  if (owner !== null && owner === (await readMarker(config.assets, ASSETS_MARKER)))
    rmSync(folder, { recursive: true, force: true });
}

async function showRest({ context, config, stage }: Play): Promise<void> {
  await stage.say("Try it yourself (each command has --help):");
  const home = `--home ${relative(process.cwd(), config.home)}`;
  for (const line of ["clips", "status", 'sql "select title, duration_seconds from songs limit 5"']) {
    context.output.print(`$ ${programName()} ${line} ${home}`);
  }
  context.output.print('\nFor your own songs, see "First steps" in README.md.');
  await context.output.flush();
}

/** What went wrong on purpose, as the service saw it. */
function describeMishaps({ requests }: DemoService): string {
  const resumed = requests.find((request) => request.headers.range !== undefined);
  const range = String(resumed?.headers.range ?? "")
    .replace("bytes=", "byte ")
    .replace("-", "");
  return `on the way: 2 s of waiting for the 429${resumed ? `, the cut download continued at ${range}` : ""}`;
}

/** How the user started this program, so that the lines can be copied. */
function programName(): string {
  return process.argv[1]?.endsWith(".ts") ? "npx node src/main.ts" : "producer-mirror";
}

async function sync(context: Context, config: Config, stage: Stage): Promise<void> {
  stage.line("sync");
  await using archive = await openForRun(config, "demo");
  const report = await syncWithProgress(context, config, archive, { trigger: "demo" });
  await printOutcome(context.output, syncOutcome(config, archive, report, false), {});
  context.signal.throwIfAborted();
  if (report.outcome === "complete") return;
  throw new MirrorError(
    "demo_failed",
    EXIT.unexpected,
    `the sync of the demo was ${report.outcome}: ${report.problem?.message ?? ""}`,
  );
}

/** Removes what an earlier demo left. Throws UsageError for an archive that is not a demo's. */
async function clear(config: Config): Promise<void> {
  if (archiveExists(config)) {
    await using archive = await openForRun(config, "demo");
    if (!isDemoArchive(archive.db)) {
      throw new UsageError(`${config.home} has an archive that is not the demo's`, {
        code: "not_a_demo",
        hint: "name an empty folder with --home",
      });
    }
    await clearBackup(config);
    for (const name of OWN.filter((one) => !one.startsWith("lock")))
      rmSync(join(config.home, name), { recursive: true, force: true });
  }
  makeFolders(config.home);
  ensureArchive(config, "demo");
}

function writeLog({ home }: Config, { library }: DemoService): string {
  const path = join(home, "my-app.log");
  writeFileSync(path, logText(library), { mode: 0o600 });
  return path;
}

/** The demo account without the id that the service no longer knows: every sync would request that one again. */
function demoSongs(assetBase: string) {
  return { ...demoLibrary({ assetBase, now: Date.now(), pendingResponses: 1 }), unknownIds: [] };
}

async function firstSong(config: Config): Promise<string> {
  using archive = await openForReading(config);
  const [song] = listClips(archive.db, { has: ["audio"], limit: 1 }, archive.assetsRoot);
  return song ? `${song.title}: ${song.audioPath}` : "";
}
