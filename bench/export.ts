import crypto from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { alternate, best, type Bench } from "./bench.ts";
import { exportTables } from "./export-tables.ts";
import { boundFigure, ratioFigure, type Figure } from "./figures.ts";
import { runTimed } from "./measured.ts";
import { mirrorIn } from "./mirror.ts";
import { startService } from "./service.ts";

type Size = { songs: number; audio: number; image: number };

/** Many files of few bytes, where all that counts is what a file costs; and what songs really are. */
const SMALL: Size = { songs: 10_000, audio: 60_000, image: 8000 };
const REAL: Size = { songs: 300, audio: 4_000_000, image: 100_000 };
/** 0.8 of the speed. */
const MOST = 1.25;
const SECOND_RUN_MS = 2000;
const ROUNDS = 3;

type FileRow = { id: number; clipId: string; kind: "audio" | "image" };

/**
 * Songs with covers and lyrics, from an archive into a new folder of the same disk, against `cp -r` of the folder that
 * this makes: as many files, as many bytes. Then once more over what is there. Before all that, the tables.
 */
export async function exportSongs(bench: Bench): Promise<Figure[]> {
  return [...(await exportTables(bench)), ...(await copies(bench, SMALL)), ...(await copies(bench, REAL))];
}

async function copies(bench: Bench, size: Size): Promise<Figure[]> {
  await using service = await startService(bench, size.songs);
  const root = join(bench.folder, `export-${size.audio}`);
  const mirror = mirrorIn({ ...bench, folder: root }, "home", service);
  await mirror.run(["track", "-"], { input: service.ids.join("\n") });
  await mirror.run(["sync", "--no-assets"]);
  fill(mirror.home, size);
  await mirror.run(["sync", "--assets-only", "--adopt-assets"]);
  const model = join(root, "model");
  await mirror.run(["export", "songs", model]);
  const options = { env: mirror.env, signal: bench.signal };
  const theirs = async (copy: string) => {
    await flushEverything(bench);
    return runTimed("cp", ["-r", model, copy], options);
  };
  const ours = async (round: number) => {
    await flushEverything(bench);
    return (await mirror.run(["export", "songs", join(root, `songs-${round}`)])).wallMs;
  };
  const plain = (round: number) => theirs(join(root, `copy-${round}`));
  const flushed = async (round: number) => {
    const copy = join(root, `flushed-${round}`);
    return (await theirs(copy)) + (await runTimed("sync", ["-f", copy], options));
  };
  const [mine = [], left = [], durable = []] = await alternate(ROUNDS, ours, plain, flushed);
  const [again = []] = await alternate(ROUNDS, async () => (await mirror.run(["export", "songs", model])).wallMs);
  await rm(root, { recursive: true, force: true });
  const name = `${size.songs} songs of ${size.audio / 1000} KB`;
  return [
    ratioFigure(`${name}, flushed / cp -r of the same files, then sync -f`, "s", best(mine), best(durable), MOST),
    ratioFigure("the same / cp -r, which leaves them to the system", "s", best(mine), best(left), null),
    boundFigure("second run, nothing to do", "ms", best(again), SECOND_RUN_MS),
  ];
}

/**
 * What earlier rounds left to be written is not written on the time of the next. Nothing is removed between two rounds:
 * ext4 without a journal looks for minutes at each inode that was let go before it makes a new one, ten times the cost of a copy.
 */
async function flushEverything({ signal }: Bench): Promise<void> {
  await runTimed("sync", [], { signal, env: { PATH: process.env["PATH"] ?? "" } });
}

/** Songs and covers of random bytes, each other ones, stored without a download. */
function fill(home: string, size: Size): void {
  const db = new Database(join(home, "archive.db"));
  try {
    const rows = db
      .prepare<[], FileRow>("select id, clip_id as clipId, kind from assets where kind in ('audio', 'image')")
      .all();
    const store = db.prepare(
      "update assets set state = 'stored', path = ?, bytes = ?, sha256 = ?, stored_at = 0 where id = ?",
    );
    db.transaction(() => {
      for (const { id, clipId, kind } of rows) {
        const bytes = crypto.randomBytes(size[kind]);
        const path = `${clipId.slice(0, 2)}/${clipId}.${kind === "audio" ? "m4a" : "jpg"}`;
        const target = join(home, "assets", path);
        mkdirSync(dirname(target), { recursive: true });
        writeFileSync(target, bytes);
        store.run(path, bytes.length, crypto.createHash("sha256").update(bytes).digest("hex"), id);
      }
    })();
  } finally {
    db.close();
  }
}
