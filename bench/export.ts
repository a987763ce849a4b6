import crypto from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { alternate, best, type Bench } from "./bench.ts";
import { boundFigure, ratioFigure, type Figure } from "./figures.ts";
import { runTimed } from "./measured.ts";
import { mirrorIn } from "./mirror.ts";
import { startService } from "./service.ts";

const SONGS = 10_000;
const BYTES = { audio: 60_000, image: 8000 };
/** 0.8 of the speed. */
const MOST = 1.25;
const SECOND_RUN_MS = 2000;
const ROUNDS = 5;

type FileRow = { id: number; clipId: string; kind: "audio" | "image" };

/**
 * 10,000 songs of 60 KB with covers of 8 KB and lyrics, from an archive into a new folder of the same disk, against
 * `cp -r` of the folder that this makes: as many files, as many bytes. Then once more over what is there.
 */
export async function exportSongs(bench: Bench): Promise<Figure[]> {
  await using service = await startService(bench, SONGS);
  const mirror = mirrorIn(bench, "export", service);
  await mirror.run(["track", "-"], { input: service.ids.join("\n") });
  await mirror.run(["sync", "--no-assets"]);
  fill(mirror.home);
  await mirror.run(["sync", "--assets-only", "--adopt-assets"]);
  const [folder, copy, model] = ["songs", "copy", "model"].map((name) => join(bench.folder, name)) as [
    string,
    string,
    string,
  ];
  await mirror.run(["export", "songs", model]);
  const options = { env: mirror.env, signal: bench.signal };
  const ours = async () => {
    await clear(bench, folder);
    return (await mirror.run(["export", "songs", folder])).wallMs;
  };
  const theirs = async () => {
    await clear(bench, copy);
    return runTimed("cp", ["-r", model, copy], options);
  };
  const flushed = async () => (await theirs()) + (await runTimed("sync", ["-f", copy], options));
  const [mine = [], plain = [], durable = []] = await alternate(ROUNDS, ours, theirs, flushed);
  const [again = []] = await alternate(ROUNDS, async () => (await mirror.run(["export", "songs", folder])).wallMs);
  return [
    ratioFigure(
      `${SONGS} songs, flushed / cp -r of the same files, then sync -f`,
      "s",
      best(mine),
      best(durable),
      MOST,
    ),
    ratioFigure("the same / cp -r, which leaves them to the system", "s", best(mine), best(plain), null),
    boundFigure("second run, nothing to do", "ms", best(again), SECOND_RUN_MS),
  ];
}

/** What earlier rounds left to be written is not written on the time of the next. */
async function clear({ signal }: Bench, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await runTimed("sync", [], { signal, env: { PATH: process.env["PATH"] ?? "" } });
}

/** Songs and covers of random bytes, each other ones, stored without a download. */
function fill(home: string): void {
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
        const bytes = crypto.randomBytes(BYTES[kind]);
        const path = `${clipId.slice(0, 2)}/${clipId}.${kind === "audio" ? "m4a" : "jpg"}`;
        const place = join(home, "assets", path);
        mkdirSync(dirname(place), { recursive: true });
        writeFileSync(place, bytes);
        store.run(path, bytes.length, crypto.createHash("sha256").update(bytes).digest("hex"), id);
      }
    })();
  } finally {
    db.close();
  }
}
