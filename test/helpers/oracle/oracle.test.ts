import { execFileSync } from "node:child_process";
import { appendFileSync, chmodSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RecordedRequest } from "../../../src/demo/service/recorded-request.ts";
import { editArchive, editLoosely, rowsOf } from "../archive-copy.ts";
import { examine } from "./oracle.ts";
import { makeWorld, servedBy, TOKEN, type World } from "../world.ts";

let world: World;
let count = 0;

beforeAll(async () => {
  world = await makeWorld({ tasks: 3 });
  await world.mirror("sync");
});
afterAll(() => world[Symbol.asyncDispose]());

/** The problems of a copy of the archive after it was damaged. */
function after(damage: (home: string) => void): string[] {
  const home = join(world.folder, `copy-${count++}`);
  execFileSync("cp", ["-a", world.home, home]);
  damage(home);
  return examine({ home, bytesOf: servedBy(world.standIn) });
}

const song = (home: string) =>
  join(home, "assets", String(rowsOf(home, "select path from assets where kind = 'audio'")[0]?.["path"]));
const cover = (home: string) =>
  join(home, "assets", String(rowsOf(home, "select path from assets where kind = 'image'")[0]?.["path"]));
const journal = (home: string) => join(home, "journal", readdirSync(join(home, "journal"))[0] ?? "");

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  const index = Math.floor(bytes.length * at);
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

test("the checker finds nothing wrong with a good archive", () => {
  expect(world.problems()).toEqual([]);
  expect(after(() => {})).toEqual([]);
});

const DAMAGES: [string, (home: string) => void, RegExp][] = [
  ["a flipped byte in a song", (home) => flip(song(home), 0.5), /does not fit its sha256/],
  [
    "a shortened cover",
    (home) => writeFileSync(cover(home), readFileSync(cover(home)).subarray(0, 900)),
    /has 900 bytes/,
  ],
  ["a file that is gone", (home) => rmSync(song(home)), /is not there/],
  ["a file under another's name", (home) => renameSync(cover(home), song(home)), /is not there|does not fit|bytes/],
  [
    "a final name with HTML in it, without a row",
    (home) => {
      editArchive(home, "update assets set state = 'wanted', path = null where kind = 'audio'");
      writeFileSync(song2(home), "<html>");
    },
    /box|ftyp|head/,
  ],
  [
    "a final name with other songs' bytes, without a row",
    (home) => {
      const [one = "", two = ""] = rowsOf(home, "select path from assets where kind = 'audio'").map((row) =>
        join(home, "assets", String(row["path"])),
      );
      editArchive(home, "update assets set state = 'wanted', path = null where kind = 'audio'");
      writeFileSync(one, readFileSync(two));
    },
    /other bytes than upstream/,
  ],
  [
    "a row for a file that never came",
    (home) => void editArchive(home, "update assets set path = 'aa/none.m4a' where kind = 'audio'"),
    /is not there/,
  ],
  [
    "a stranger in the assets folder",
    (home) => writeFileSync(join(home, "assets", "evil.desktop"), "", { mode: 0o600 }),
    /does not belong/,
  ],
  ["a file that others may read", (home) => chmodSync(song(home), 0o644), /mode 644/],
  [
    "a changed document",
    (home) => void editArchive(home, "update task_documents set document = document || ' '"),
    /does not fit its sha256/,
  ],
  ["a journal without a document", (home) => writeFileSync(journal(home), ""), /is not in it/],
  [
    "a journal with another document",
    (home) => {
      writeFileSync(journal(home), readFileSync(journal(home), "utf8").replaceAll("FUZZ", "BUZZ"));
    },
    /journal: .* does not fit/,
  ],
  ["a lost clip", (home) => void editArchive(home, "delete from task_clips"), /has 0 of 1 clips/],
  [
    "a lost row of a file",
    (home) => void editArchive(home, "delete from assets where kind = 'audio'"),
    /no row for a file of its record \(audio_url\)/,
  ],
  ["a clip of no task", (home) => void editLoosely(home, "update clips set task_id = 'nobody'"), /foreign_key_check/],
  ["another program's database", (home) => void editArchive(home, "pragma application_id = 7"), /application_id is 7/],
  [
    "tracking that disagrees",
    (home) => void editArchive(home, "update tracked_tasks set state = 'pending'"),
    /tracking says pending/,
  ],
  ["a damaged page", (home) => damagePage(join(home, "archive.db")), /integrity_check|malformed/],
];

test.for(DAMAGES)("the checker finds %s", ([, damage, problem]) => {
  expect(after(damage).join("\n")).toMatch(problem);
});

test("the checker leaves a torn last line of the journal alone", () => {
  expect(after((home) => appendFileSync(journal(home), '{"type":"document","taskId":"half'))).toEqual([]);
});

const QUESTION = {
  server: "api",
  method: "POST",
  url: "/producer/tasks",
  headers: { authorization: `Bearer ${TOKEN}`, "user-agent": "producer-mirror/1 (+https://x)" },
  rawHeaders: [],
  body: "",
  json: { action: "retrieve", id: "a" },
  ids: ["a"],
  at: 0,
} as unknown as RecordedRequest;
const DOWNLOAD = {
  ...QUESTION,
  server: "assets",
  method: "GET",
  url: "/x.m4a",
  headers: {},
  json: {},
  ids: [],
} as RecordedRequest;

test.for<[string, RecordedRequest]>([
  ["a billed call", { ...QUESTION, url: "/producer/audios" }],
  ["a delete", { ...QUESTION, json: { action: "delete" } }],
  ["a payment", { ...QUESTION, headers: { ...QUESTION.headers, "x-payment": "1" } }],
  ["too low a limit", { ...QUESTION, json: { action: "retrieve_batch", limit: 12 }, ids: ["a", "b"] }],
  ["a nameless client", { ...QUESTION, headers: { authorization: `Bearer ${TOKEN}` } }],
  ["a token in the URL of a file", { ...DOWNLOAD, url: `/x.m4a?t=${TOKEN}` }],
  ["a token in a header for a file", { ...DOWNLOAD, rawHeaders: ["X-Api-Key", "other"] }],
])("the checker finds %s", ([, request]) => {
  expect(examine({ home: "/nowhere", requests: [QUESTION, DOWNLOAD], token: TOKEN })).toEqual([]);
  expect(examine({ home: "/nowhere", requests: [request], token: TOKEN })).toHaveLength(1);
});

function song2(home: string): string {
  const id = String(rowsOf(home, "select clip_id from assets where kind = 'audio'")[0]?.["clip_id"]);
  return join(home, "assets", id.slice(0, 2), `${id}.m4a`);
}

/** A page of a table, far behind the header. */
function damagePage(path: string): void {
  const bytes = readFileSync(path);
  bytes.fill(0xa5, 4096 * 3, 4096 * 8);
  writeFileSync(path, bytes);
}
