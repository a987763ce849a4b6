import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { archivePath } from "../src/db/archive-file.ts";
import { writeCursor } from "../src/query/filter/cursor.ts";
import { best, type Bench } from "./bench.ts";
import { FREQUENT, makeBigArchive, MIDDLE, ONCE, SEED, SONG, TAG, THOUSAND } from "./big-archive.ts";
import { absentFigure, boundFigure, ratioFigure, type Figure } from "./figures.ts";
import { isInstalled, timeNode } from "./measured.ts";
import { PROGRAM } from "./mirror.ts";

const SMALL = 10_000;
const ROUNDS = 5;
/** Milliseconds. */
const DAY = 86_400_000;
const MOST_FOR_GROWING = 400;

/** The same question by plain SQL: what the `sqlite3` program takes for it is the floor. */
type Question = { words: string[]; sql: string; most: number | null; within?: number };

const LISTED = "select id, title, model, state, duration_seconds, created_at from clips";
const FOUND =
  "select clips.id, clips.title from clips_fts join clips on clips.rowid_key = clips_fts.rowid where clips_fts match";

/** The song's own task, and those that were made from it, step by step. */
const DESCENDANTS = `with recursive made(clip, task) as (
    select id, task_id from clips where id = '${SONG}'
    union select clips.id, tasks.id from made join tasks on reference_audio_id = clip join clips on clips.task_id = tasks.id
  ) select task from made`;

const QUESTIONS: Question[] = [
  list([], ""),
  list(["--sort", "created"], "order by created_at, rowid_key"),
  list(["--sort", "title"], "order by title_key, rowid_key"),
  list(["--sort", "-duration"], "order by duration_seconds desc, rowid_key desc"),
  list(["--sort", "model"], "order by model, rowid_key"),
  list(["--model", "FUZZ-0.8"], "where model = 'FUZZ-0.8'"),
  list(["--action", "variation"], "where action = 'variation'"),
  list(["--state", "failed"], "where state = 'failed'"),
  list(["--since", "2025-06"], "where created_at >= 1748736000000"),
  list(["--until", "2024-02"], "where created_at < 1709251200000"),
  list(["--min-duration", "4m59s"], "where duration_seconds >= 299"),
  list(
    ["--missing", "image"],
    "where not exists (select 1 from assets where clip_id = clips.id and kind = 'image' and state = 'stored')",
  ),
  list(
    ["--has", "image"],
    "where exists (select 1 from assets where clip_id = clips.id and kind = 'image' and state = 'stored')",
  ),
  list(["--instrumental"], "where task_id in (select id from tasks where instrumental = 1)"),
  list(["--seed", SEED], `where seed = '${SEED}'`),
  list(["--tag", TAG], `where id in (select clip_id from clip_tags where tag = '${TAG}')`),
  list(["--root", SONG], `where task_id in (${DESCENDANTS})`),
  list(["--children-of", SONG], `where task_id in (select id from tasks where reference_audio_id = '${SONG}')`),
  list(["--text", THOUSAND], `where rowid_key in (select rowid from clips_fts where clips_fts match '${THOUSAND}')`),
  list(["--cursor", writeCursor("-created", [MIDDLE, 1])], `where created_at < ${MIDDLE}`),
  tasks([], ""),
  tasks(["--state", "failed"], "where state = 'failed'"),
  tasks(["--sort", "model"], "order by model, id"),
  tasks(["--sort", "title"], "order by title_key, id"),
  tasks(["--instrumental"], "where instrumental = 1"),
  {
    words: ["show", SONG],
    sql: `select * from clips left join assets on clip_id = clips.id where clips.id = '${SONG}'`,
    most: 3,
  },
  { words: ["changes", "--since", "1d"], sql: `select * from tasks where updated_at >= ${Date.now() - DAY}`, most: 3 },
  search(ONCE, 3),
  search(THOUSAND, 3),
  { ...search(FREQUENT, null), within: MOST_FOR_GROWING },
  { ...search(`${FREQUENT.slice(0, 6)}*`, null), within: MOST_FOR_GROWING },
  { words: ["stats"], sql: "select model, action, count(*), sum(duration_seconds) from clips group by 1, 2", most: 20 },
];

/**
 * What questions cost in a library of a million songs against one of ten thousand, as whole commands. `BENCH_SONGS` sets
 * another size; `BENCH_ARCHIVES` names a folder in which the archives are kept from bench to bench.
 */
export async function ask(bench: Bench): Promise<Figure[]> {
  const songs = Number(process.env["BENCH_SONGS"] ?? 1_000_000);
  const [small, large] = [await archiveOf(bench, SMALL), await archiveOf(bench, songs)];
  return QUESTIONS.flatMap((question) => measure(bench, question, small, large));
}

async function archiveOf({ folder, signal, note }: Bench, songs: number): Promise<string> {
  const home = join(process.env["BENCH_ARCHIVES"] ?? folder, `songs-${songs}`);
  if (existsSync(archivePath(home))) return home;
  const started = performance.now();
  await makeBigArchive(home, songs, signal);
  note(`an archive of ${songs} songs made in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  return home;
}

function measure({ signal }: Bench, { words, sql, most, within }: Question, small: string, large: string): Figure[] {
  const times: [number[], number[], number[]] = [[], [], []];
  const floor = isInstalled("sqlite3") ? () => timeSqlite(large, sql) : undefined;
  for (let round = 0; round <= ROUNDS; round++) {
    signal.throwIfAborted();
    times[0].push(timeNode([PROGRAM, ...words, "--home", large], process.env as Record<string, string>));
    times[1].push(timeNode([PROGRAM, ...words, "--home", small], process.env as Record<string, string>));
    if (floor) times[2].push(floor());
  }
  // The first round only brings pages into memory.
  const [ofLarge, ofSmall, ofFloor] = times.map((list) => best(list.slice(1)));
  const name = words.join(" ");
  const growth = within
    ? boundFigure(name, "ms", ofLarge!, within)
    : ratioFigure(`${name}, large / small`, "ms", ofLarge!, ofSmall!, most);
  const plain = floor
    ? ratioFigure("  against sqlite3", "ms", ofLarge!, ofFloor!, null)
    : absentFigure("", "no sqlite3");
  return [growth, plain];
}

function timeSqlite(home: string, sql: string): number {
  const started = performance.now();
  const { status, stderr } = spawnSync("sqlite3", ["-readonly", archivePath(home), sql], { encoding: "utf8" });
  if (status !== 0) throw new Error(`sqlite3 ended with ${status}: ${stderr}`);
  return performance.now() - started;
}

function list(flags: string[], sql: string): Question {
  const order = sql.startsWith("order") ? sql : `${sql} order by created_at desc, rowid_key desc`;
  return { words: ["clips", "--limit", "50", ...flags], sql: `${LISTED} ${order} limit 50`, most: 3 };
}

function tasks(flags: string[], sql: string): Question {
  const order = sql.startsWith("order") ? sql : `${sql} order by created_at desc, id desc`;
  return {
    words: ["tasks", "--limit", "50", ...flags],
    sql: `select id, title, model, state, created_at from tasks ${order} limit 50`,
    most: 3,
  };
}

function search(word: string, most: number | null): Question {
  return { words: ["search", word], sql: `${FOUND} '${word}' order by rank limit 50`, most };
}
