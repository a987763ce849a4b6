import { describe, expect, it } from "vitest";
import { fixture, fixtureText } from "../helpers/fixture.ts";
import { temporaryArchive, type TemporaryArchive } from "../helpers/temporary-archive.ts";
import { rows, saveAll } from "../archive/saving.ts";

const TASK: Record<string, string> = {
  _id: "object_id",
  id: "id",
  api_id: "api_id",
  application_id: "application_id",
  created_at: "created_at",
  credential_id: "credential_id",
  "request.action": "action",
  "request.model": "model",
  "request.instrumental": "instrumental",
  "request.lyric": "lyric",
  "request.custom": "custom",
  "request.callback_url": "callback_url",
  trace_id: "trace_id",
  type: "type",
  user_id: "user_id",
  duration: "elapsed_seconds",
  finished_at: "finished_at",
};
const CLIP: Record<string, string> = {
  id: "id",
  title: "title",
  image_url: "image_url",
  lyric: "lyric",
  audio_url: "audio_url",
  video_url: "video_url",
  image_id: "image_id",
  topic: "topic",
  seed: "seed",
  sound: "sound",
  created_at: "created_at",
  model: "model",
  progress: "progress",
  state: "state",
  duration: "duration_seconds",
};
/** Says the same as the record's own id. */
const NOT_KEPT = ["response.task_id"];

function leaves(value: unknown, path: string[] = []): [string, unknown][] {
  if (typeof value !== "object" || value === null) return [[path.join("."), value]];
  return Object.entries(value).flatMap(([key, member]) => leaves(member, [...path, key]));
}

function asKept(path: string, value: unknown): unknown {
  if (path.endsWith("created_at") || path.endsWith("finished_at"))
    return typeof value === "number" ? Math.round(value * 1000) : Date.parse(String(value));
  if (path === "response.data.0.duration") return Number(value);
  return typeof value === "boolean" ? Number(value) : value;
}

function kept(archive: TemporaryArchive, path: string): unknown {
  const clip = path.startsWith("response.data.0.");
  const column = clip ? CLIP[path.slice("response.data.0.".length)] : TASK[path];
  if (!column) throw new Error(`no column for ${path}`);
  return rows(archive, `select "${column}" as value from ${clip ? "clips" : "tasks"}`)[0]?.["value"];
}

describe("columns", () => {
  const found = leaves(fixture("retrieve.json")).filter(([path]) => !NOT_KEPT.includes(path));

  it.each(found)("%s of the real record is in a column of its own", (path, value) => {
    using archive = temporaryArchive();
    saveAll(archive, [fixtureText("retrieve.json").trim()]);
    expect(kept(archive, path)).toBe(asKept(path, value));
  });

  it("leaves out nothing but what is named", () => {
    expect(found).toHaveLength(Object.keys(TASK).length + Object.keys(CLIP).length);
  });

  it("takes `elapsed` and `started_at` of newer records", () => {
    using archive = temporaryArchive();
    const { duration: _, ...record } = fixture("retrieve.json");
    saveAll(archive, [{ ...record, started_at: 1767119745.584, elapsed: 40.005 }]);
    expect(rows(archive, "select started_at, elapsed_seconds from tasks")).toEqual([
      { started_at: 1767119745584, elapsed_seconds: 40.005 },
    ]);
  });
});
