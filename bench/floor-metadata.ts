import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import Database from "better-sqlite3";
import { request } from "undici";

/**
 * The least that a mirror of records does: ask, JSON.parse, upsert. The columns that our tasks and clips take from a
 * record and the text itself, in WAL, one transaction a batch; no checks, no journal, no indexes, no search.
 * `node bench/floor-metadata.ts URL ID-FILE DATABASE`
 */
const [url = "", idFile = "", path = ""] = parseArgs({ allowPositionals: true }).positionals;
const ids = readFileSync(idFile, "utf8").split("\n");
const BATCH = 50;

type Fields = Record<string, unknown>;
type Item = Fields & { id: string; request?: Fields; response?: { data?: Fields[]; error?: Fields } };

const OF_RECORD = ["_id", "type", "api_id", "application_id", "credential_id", "user_id", "trace_id", "elapsed"];
const TIMES = ["created_at", "started_at", "finished_at"];
const OF_REQUEST = [
  "action",
  "model",
  "prompt",
  "lyric",
  "title",
  "instrumental",
  "custom",
  "audio_id",
  "swap_audio_id",
  "continue_at",
  "replace_section_start",
  "replace_section_end",
  "lyrics_strength",
  "sound_strength",
  "cover_strength",
  "weirdness",
  "seed",
  "style",
  "style_negative",
  "vocal_gender",
  "lyric_prompt",
  "callback_url",
];
const OF_CLIP = [
  "title",
  "lyric",
  "prompt",
  "style",
  "sound",
  "topic",
  "model",
  "state",
  "progress",
  "duration",
  "seed",
  "image_id",
  "created_at",
  "audio_url",
  "image_url",
  "video_url",
  "file_url",
  "stems_url",
];

const db = new Database(path);
db.pragma("journal_mode = wal");
const keepTask = upsert("tasks", ["id", ...OF_RECORD, ...TIMES, ...OF_REQUEST, "error_code", "error_message"]);
const keepClip = upsert("clips", ["id", "task_id", "action", ...OF_CLIP]);
const keepDocument = upsert("documents", ["task_id", "document"]);
const keep = db.transaction((items: Item[]) => {
  for (const item of items) keepItem(item);
});

for (let at = 0; at < ids.length; at += BATCH) {
  const batch = ids.slice(at, at + BATCH);
  const { body } = await request(`${url}/producer/tasks`, {
    method: "POST",
    headers: { accept: "application/json", authorization: "Bearer bench", "content-type": "application/json" },
    body: JSON.stringify({ action: "retrieve_batch", ids: batch, limit: batch.length }),
  });
  keep(((await body.json()) as { items: Item[] }).items);
}
db.close();

function upsert(table: string, columns: string[]) {
  const [key, ...others] = columns;
  db.exec(`create table ${table} (${key} text primary key, ${others.join(", ")})`);
  const set = others.map((name) => `${name} = excluded.${name}`).join(", ");
  const values = columns.map(() => "?").join(", ");
  return db.prepare(`insert into ${table} values (${values}) on conflict (${key}) do update set ${set}`);
}

function keepItem(item: Item): void {
  const { request: asked = {}, response = {} } = item;
  keepTask.run(
    item.id,
    ...pick(item, OF_RECORD),
    ...TIMES.map((name) => Math.round(Number(item[name]) * 1000)),
    ...pick(asked, OF_REQUEST),
    bindable(response.error?.["code"]),
    bindable(response.error?.["message"]),
  );
  keepDocument.run(item.id, JSON.stringify(item));
  for (const clip of response.data ?? [])
    keepClip.run(clip["id"], item.id, bindable(asked["action"]), ...pick(clip, OF_CLIP));
}

function pick(from: Fields, names: string[]): unknown[] {
  return names.map((name) => bindable(from[name]));
}

function bindable(value: unknown): unknown {
  return typeof value === "boolean" ? Number(value) : (value ?? null);
}
