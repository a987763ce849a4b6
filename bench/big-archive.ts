import { rmSync } from "node:fs";
import type Database from "better-sqlite3";
import { CURRENT_RULES } from "../src/archive/rules.ts";
import { archivePath, createArchive } from "../src/db/archive-file.ts";
import { connect } from "../src/db/connection.ts";
import { rebuildFullTextIndex } from "../src/db/full-text.ts";
import { uuidOf } from "../src/demo/library/ids.ts";
import { MODELS } from "../test/stand-in/made-up-words.ts";
import { randomOf } from "../test/stand-in/random.ts";
import { textsOf } from "./big-texts.ts";

/** In so many clips each, whatever the size of the library; FREQUENT is in a ninth of all. */
export const ONCE = "onceonly";
export const THOUSAND = "thousandfold";
export const FREQUENT = "lanterns";

/** The seed of one song, the tag of two hundred, and a song to ask after; instrumental is one task in fifty. */
export const SEED = "20251225";
export const TAG = "night drive";
const TAGGED = 200;
export const SONG = uuidOf("clip 5000");
/** Milliseconds UTC: half of the songs are older. */
export const MIDDLE = Date.UTC(2024, 0, 1) + 365 * 86_400_000;

const ACTIONS = ["generate", "generate", "generate", "cover", "extend", "variation"];
const START = Date.UTC(2024, 0, 1);
const YEARS_MS = 2 * 365 * 86_400_000;

/**
 * Makes an archive of so many songs in `home`: real schema, triggers and full-text index; rows straight by SQL, a clip
 * and two stored files a task, one task in 40 failed and without a clip, one clip in 200 without its cover. Documents are
 * stubs: no list reads them. No files, no journal.
 */
export async function makeBigArchive(home: string, clips: number, signal: AbortSignal): Promise<void> {
  rmSync(home, { recursive: true, force: true });
  createArchive(home, "library", Date.now(), CURRENT_RULES);
  const db = connect(archivePath(home));
  const { $client: client } = db;
  try {
    client.pragma("synchronous = off");
    client.pragma("cache_size = -2000000");
    client.pragma("foreign_keys = off");
    const remake = dropIndexes(client);
    fill(client, clips, signal);
    remake();
    await rebuildFullTextIndex(db, signal);
    client.pragma("wal_checkpoint(truncate)");
  } finally {
    client.close();
  }
}

/** Indexes and triggers are made once all rows are there. */
function dropIndexes(client: Database.Database): () => void {
  const made = client
    .prepare<[], { type: string; name: string; sql: string }>(
      "select type, name, sql from sqlite_schema where type in ('index', 'trigger') and sql is not null",
    )
    .all();
  for (const { type, name } of made) client.exec(`drop ${type} ${name}`);
  return () => {
    for (const { sql } of made) client.exec(sql);
  };
}

function fill(client: Database.Database, clips: number, signal: AbortSignal): void {
  const insert = statements(client);
  const texts = textsOf(clips);
  const random = randomOf(clips + 1);
  const some = client.transaction((from: number, to: number) => {
    for (let n = from; n < to; n++) insertSong(insert, n, clips, texts, random);
  });
  for (let from = 0; from < clips; from += 10_000) {
    signal.throwIfAborted();
    some(from, Math.min(from + 10_000, clips));
  }
}

function insertSong(
  insert: ReturnType<typeof statements>,
  n: number,
  clips: number,
  texts: ReturnType<typeof textsOf>,
  random: () => number,
): void {
  const taskId = uuidOf(`task ${n}`);
  const id = uuidOf(`clip ${n}`);
  const at = START + Math.floor((n / clips) * YEARS_MS);
  const failed = n % 40 === 39;
  const action = ACTIONS[Math.floor(random() * ACTIONS.length)] ?? "generate";
  const model = MODELS[Math.floor(random() ** 2 * MODELS.length)] ?? MODELS[0];
  const parent = action === "generate" || n === 0 ? null : uuidOf(`clip ${Math.floor(random() * n)}`);
  const seconds = 60 + random() * 240;
  const lyric = texts.lyric() + planted(n, clips);
  const state = failed ? "failed" : "succeeded";
  const song = {
    taskId,
    id,
    at,
    action,
    model,
    parent,
    seconds,
    lyric,
    state,
    title: texts.title(),
    prompt: texts.prompt(),
  };
  const own = String(Math.floor(random() * 2 ** 32));
  const seed = n === Math.floor(clips / 2) ? SEED : own;
  insert.tracked.run({ taskId, at, state });
  insert.task.run({
    ...song,
    seed,
    instrumental: Number(n % 50 === 3),
    waited: at + 50,
    done: at + 20_000 + Math.floor(random() * 60_000),
    error: failed ? "api_error" : null,
  });
  insert.document.run({ taskId, at, document: `{"id":"${taskId}"}` });
  if (failed) return;
  insert.clip.run({ ...song, seed });
  insert.location.run({ taskId, id });
  if (n % Math.floor(clips / TAGGED) === 0) insert.tag.run({ id, tag: TAG, at });
  for (const [kind, end, bytes] of [
    ["audio", "m4a", Math.floor(seconds * 16_000)],
    ["image", "jpg", 90_000],
  ] as const) {
    const stored = kind === "audio" || n % 200 !== 7;
    const path = stored ? `${id.slice(0, 2)}/${id}.${end}` : null;
    insert.asset.run({ taskId, id, kind, at, path, bytes: stored ? bytes : null, state: stored ? "stored" : "wanted" });
  }
}

/** Words whose number of hits is known. */
function planted(n: number, clips: number): string {
  const step = Math.max(1, Math.floor(clips / 1000));
  return [
    n === Math.floor(clips / 2) ? ONCE : "",
    n % step === 0 && n / step < 1000 ? THOUSAND : "",
    n % 9 === 0 ? FREQUENT : "",
  ]
    .filter((word) => word !== "")
    .map((word) => `\n${word}`)
    .join("");
}

function statements(client: Database.Database) {
  return {
    tracked: client.prepare(
      `insert into tracked_tasks (task_id, source, added_at, state, attempts, last_checked_at) values (:taskId, 'bench', :at, :state, 1, :at)`,
    ),
    task: client.prepare(
      `insert into tasks (id, type, action, model, state, state_reason, prompt, lyric, title, instrumental, custom, reference_audio_id, seed,
         created_at, started_at, finished_at, elapsed_seconds, error_code, document_version, first_seen_at, updated_at, title_key)
       values (:taskId, 'audios', :action, :model, :state, 'data', :prompt, :lyric, :title, :instrumental, 1, :parent, :seed, :at, :waited, :done,
         (:done - :at) / 1000.0, :error, 1, :at, :at, title_key(:title))`,
    ),
    document: client.prepare(
      `insert into task_documents (task_id, version, kind, fetched_at, sha256, document) values (:taskId, 1, 'record', :at, '', :document)`,
    ),
    clip: client.prepare(
      `insert into clips (id, task_id, title, lyric, prompt, model, action, state, progress, duration_seconds, seed, sound, image_id,
         created_at, audio_url, image_url, first_seen_at, updated_at, title_key)
       values (:id, :taskId, :title, :lyric, :prompt, :model, :action, 'succeeded', '100%', :seconds, :seed, '', :id, :at,
         'https://storage.googleapis.com/corpusant-app-public/riffs/audio/' || :id || '.m4a',
         'https://storage.googleapis.com/corpusant-app-public/riffs/image/' || :id || '.jpg', :at, :at, title_key(:title))`,
    ),
    location: client.prepare(`insert into task_clips (task_id, position, clip_id) values (:taskId, 0, :id)`),
    tag: client.prepare(`insert into clip_tags (clip_id, tag, added_at) values (:id, :tag, :at)`),
    asset: client.prepare(
      `insert into assets (task_id, clip_id, kind, url, path, state, bytes, sha256, stored_at, verified_at)
       values (:taskId, :id, :kind, 'https://storage.googleapis.com/' || :id || :kind, :path, :state, :bytes,
         case when :path is null then null else hex(randomblob(32)) end, :at, :at)`,
    ),
  };
}
