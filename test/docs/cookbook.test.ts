import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ClipListing } from "../../src/query/lists/clips.ts";
import type { TaskListing } from "../../src/query/lists/tasks.ts";
import { runCommand } from "../cli/run-command.ts";
import { editArchive } from "../helpers/archive-copy.ts";
import { startProgram } from "../helpers/program.ts";
import { temporaryFolder } from "../helpers/temporary-archive.ts";
import { has } from "../helpers/needs.ts";

type Row = Record<string, string | number | null>;

const COOKBOOK = readFileSync(join(import.meta.dirname, "../../docs/cookbook.md"), "utf8");
const RECIPES = [...COOKBOOK.matchAll(/^## (.+)\n\n(.+)\n\n```sh\nproducer-mirror sql "\n([^]*?)"\n```$/gm)].map(
  ([, title = "", sentence = "", sql = ""]) => ({ title, sentence, sql }),
);
const PARENT = "8c59dc7a-12cf-4228-bcc8-1baf252cc66f";

const folder = temporaryFolder();
const home = join(folder.path, "demo");
let clips: ClipListing[];
let tasks: TaskListing[];

/** What the demo's library has none of. */
const CHANGES = [
  `update assets set sha256 = (select sha256 from assets where kind = 'audio' and clip_id = '${PARENT}')
   where kind = 'audio' and clip_id = (select id from clips where title = 'First Snow on the Satellite Dish')`,
  `update assets set state = 'failed', http_status = 503, last_error = 'busy', next_attempt_at = 1764000000000
   where kind = 'audio' and clip_id = (select id from clips where rowid_key = 5)`,
  "update assets set state = 'wanted' where kind = 'image' and clip_id = (select id from clips where rowid_key = 4)",
  "update clips set seed = '42' where rowid_key in (1, 2, 3)",
  "delete from copies where sha256 = (select sha256 from assets where kind = 'stems')",
];

/** The demo's library, backed up once, and with the few things that it has none of. */
beforeAll(async () => {
  const env = { PATH: process.env["PATH"] ?? "", HOME: folder.path };
  for (const line of [["demo"], ["backup", join(folder.path, "backups")]]) {
    const { code, stderr } = await startProgram([...line, "--home", home], { cwd: folder.path, env }).done;
    if (code !== 0) throw new Error(`${line.join(" ")} ended with ${code}: ${stderr}`);
  }
  for (const statement of CHANGES) editArchive(home, statement);
  clips = JSON.parse((await runCommand(home, ["clips", "--json"])).stdout) as ClipListing[];
  tasks = JSON.parse((await runCommand(home, ["tasks", "--json"])).stdout) as TaskListing[];
}, 120_000);
afterAll(() => folder[Symbol.dispose]());

const answers = new Map<string, Promise<Row[]>>();

/** What `producer-mirror sql` answers; asked once, since the archive stays as it is. */
function ask(sql: string): Promise<Row[]> {
  const answer = answers.get(sql) ?? askOnce(sql);
  answers.set(sql, answer);
  return answer;
}

async function askOnce(sql: string): Promise<Row[]> {
  const { stdout, stderr, exitCode } = await runCommand(home, ["sql", sql, "--json"]);
  if (exitCode !== 0 || stderr !== "") throw new Error(`${sql}\nended with ${exitCode}: ${stderr}`);
  return JSON.parse(stdout) as Row[];
}

const songs = () => clips.filter(({ durationSeconds }) => durationSeconds !== null);
const sum = (rows: Row[], column: string) => rows.reduce((total, row) => total + Number(row[column]), 0);
const values = (rows: Row[], column: string) => rows.map((row) => row[column]);
const counted = (words: (string | null)[]) =>
  Object.fromEntries([...Map.groupBy(words, String)].map(([word, all]) => [word, all.length]));

/** What each must answer, by its title. */
const ANSWERS: Record<string, (rows: Row[]) => void> = {
  "Songs per month"(rows) {
    const months = counted(songs().map(({ createdAt }) => createdAt!.slice(0, 7)));
    expect(Object.fromEntries(rows.map(({ month, songs: n }) => [month, n]))).toEqual(months);
    expect(values(rows, "month")).toEqual(Object.keys(months).sort());
    expect(sum(rows, "minutes")).toBeCloseTo(songs().reduce((all, one) => all + one.durationSeconds!, 0) / 60, 0);
  },
  "Minutes by model"(rows) {
    expect(Object.fromEntries(rows.map(({ model, songs: n }) => [model, n]))).toEqual(
      counted(songs().map(({ model }) => model)),
    );
    expect(values(rows, "minutes")).toEqual(
      values(rows, "minutes").toSorted((one, other) => Number(other) - Number(one)),
    );
  },
  "Success rate"(rows) {
    const asked = tasks.filter(({ model, state }) => model !== null && state !== "pending" && state !== "missing");
    expect(sum(rows, "tasks")).toBe(asked.length);
    expect(sum(rows, "failed")).toBe(asked.filter(({ state }) => state === "failed").length);
    for (const row of rows) {
      expect(sum([row], "succeeded") + sum([row], "partial") + sum([row], "failed")).toBe(row["tasks"]);
      expect(row["percent"]).toBeCloseTo((100 * Number(row["succeeded"])) / Number(row["tasks"]), 1);
    }
  },
  "Slowest tasks"(rows) {
    const slowest = tasks.map(({ elapsedSeconds }) => elapsedSeconds ?? 0).toSorted((one, other) => other - one);
    expect(values(rows, "seconds")).toEqual(slowest.slice(0, 10).map((seconds) => Math.round(seconds * 10) / 10));
    expect(rows[0]).toMatchObject({ title: expect.any(String), asked: expect.stringMatching(/^\d{4}-\d\d-\d\d /) });
  },
  "What came of a clip"(rows) {
    expect(rows[0]).toMatchObject({ generation: 0, id: PARENT });
    expect(rows.slice(1).map(({ generation, action }) => [generation, action])).toEqual([
      [1, "variation"],
      [1, "swap_vocals"],
    ]);
  },
  "Files that are not here yet"(rows) {
    expect(rows).toMatchObject([
      { kind: "audio", state: "failed", http_status: 503, last_error: "busy", next_try: "2025-11-24 16:00:00" },
      { kind: "image", state: "wanted" },
    ]);
  },
  "Biggest files"(rows) {
    expect(rows).toHaveLength(10);
    expect(values(rows, "kind")).toContain("wav");
    expect(values(rows, "megabytes")).toEqual(
      values(rows, "megabytes").toSorted((one, other) => Number(other) - Number(one)),
    );
  },
  "The same audio twice"(rows) {
    expect(rows).toMatchObject([{ clips: 2, titles: expect.stringContaining(" | ") }]);
  },
  "Lyrics with a word"(rows) {
    const wanted = clips.filter(({ lyric }) => /\brain/i.test(lyric ?? "")).map(({ title }) => title);
    expect(wanted.length).toBeGreaterThan(0);
    expect(new Set(values(rows, "title"))).toEqual(new Set(wanted));
    for (const { found } of rows) expect(found).toMatch(/\[rain/i);
  },
  "Seeds used again"(rows) {
    expect(rows).toMatchObject([{ seed: "42", songs: 3 }]);
  },
  "Prompts used most"(rows) {
    const [most = []] = [
      ...Map.groupBy(
        tasks.flatMap(({ prompt }) => prompt || []),
        String,
      ).values(),
    ].toSorted((one, other) => other.length - one.length);
    expect(rows[0]?.["times"]).toBe(most.length);
    expect(sum(rows, "times")).toBeGreaterThan(sum(rows, "succeeded"));
  },
  "Songs without a cover"(rows) {
    const without = clips.filter(({ audioPath, imagePath }) => audioPath !== null && imagePath === null);
    expect(new Set(values(rows, "id"))).toEqual(new Set(without.map(({ id }) => id)));
    expect(rows.length).toBeGreaterThan(0);
  },
  "What changed in a record"(rows) {
    expect(new Set(values(rows, "version"))).toEqual(new Set([2]));
    expect(rows).toContainEqual({ version: 2, field: "$.response.data[0].state", was: "pending", became: "succeeded" });
    for (const { was, became } of rows) expect(was).not.toEqual(became);
  },
  "Room by kind and month"(rows) {
    expect(new Set(values(rows, "kind"))).toEqual(new Set(["audio", "image", "stems", "video", "wav"]));
    expect(new Set(values(rows, "month"))).toEqual(new Set([new Date().toISOString().slice(0, 7)]));
    const audio = rows.filter(({ kind }) => kind === "audio");
    // And what was uploaded, a file of its task alone.
    expect(sum(audio, "files")).toBe(clips.filter(({ audioPath }) => audioPath !== null).length + 1);
  },
  "How well it is backed up"(rows) {
    expect(rows).toMatchObject([{ backups: 0, files: 1 }, { backups: 2 }]);
    expect(sum(rows, "files")).toBeGreaterThan(60);
  },
};

describe("docs/cookbook.md", () => {
  test("has a recipe for every answer, each with one sentence", () => {
    expect(RECIPES.map(({ title }) => title)).toEqual(Object.keys(ANSWERS));
    expect(RECIPES).toHaveLength([...COOKBOOK.matchAll(/^## /gm)].length);
    for (const { sentence } of RECIPES) expect(sentence).toMatch(/^[A-Z].*\.$/);
  });

  test.each(RECIPES)("$title: is the same to a shell as to us", ({ sql }) => {
    expect(sql).not.toMatch(/["`\\!]|\$[\w({]/);
  });

  test.each(RECIPES)("$title: answers what it says", async ({ title, sql }) => {
    const rows = await ask(sql);
    expect(rows.length).toBeGreaterThan(0);
    ANSWERS[title]?.(rows);
  });

  test.skipIf(!has("sqlite3")).each(RECIPES)("$title: is answered alike by the sqlite3 program", async ({ sql }) => {
    const { stdout } = await execa("sqlite3", ["-readonly", "-json", join(home, "archive.db"), sql]);
    expect(JSON.parse(stdout || "[]")).toEqual(await ask(sql));
  });
});
