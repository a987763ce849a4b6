import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { purgeTexts } from "../../src/archive/purge-texts.ts";
import { openUnreadableStore, removeUnreadable, unreadableNames } from "../../src/archive/unreadable.ts";
import { DiskError } from "../../src/lib/errors.ts";
import { temporaryArchive, type TemporaryArchive } from "../helpers/temporary-archive.ts";
import { NOW, saveAll } from "./saving.ts";

const TASK = "10000000-0000-4000-8000-000000000000";
const CLIP = "20000000-0000-4000-8000-000000000000";

let archive: TemporaryArchive;

beforeEach(() => {
  archive = temporaryArchive();
});

afterEach(() => archive[Symbol.dispose]());

const open = () => openUnreadableStore(archive.home, archive.db);
const textOf = (path: string | undefined) => readFileSync(join(archive.home, path ?? "none"), "utf8");

it("D54: keeps the newest text of a task, and drops it when its record is read, also in a later run", () => {
  open().save(TASK, "first");
  const path = open().save(TASK, "\u4e2d\u6587 1.0");
  expect(textOf(path)).toBe("\u4e2d\u6587 1.0");
  open().remove(TASK);
  expect(existsSync(join(archive.home, path ?? ""))).toBe(false);
});

it("D54: keeps no file under a name that is no task id, none that is huge, and a thousand at most", () => {
  const unreadables = open();
  expect(unreadables.save("../x", "text")).toBeUndefined();
  expect(unreadables.save(TASK, "x".repeat(5 * 1024 * 1024))).toBeUndefined();
  const ids = Array.from({ length: 1001 }, (_, n) => TASK.slice(0, -4) + String(n).padStart(4, "0"));
  const paths = ids.map((id) => unreadables.save(id, "text"));
  expect(paths.filter((path) => path === undefined)).toHaveLength(1);
  expect(unreadables.save(ids[5] ?? "", "newer")).toBe(paths[5]);
});

it("D54: keeps texts up to 4 MB, for their owner alone; other files in the folder are nobody's business", () => {
  const text = "x".repeat(4 * 1024 * 1024);
  const path = open().save(TASK, text);
  expect(textOf(path)).toBe(text);
  expect(statSync(join(archive.home, path ?? "")).mode & 0o777).toBe(0o600);
  expect(open().save(TASK, `${text}x`)).toBeUndefined();
  writeFileSync(join(archive.home, "unreadable/notes.txt"), CLIP);
  writeFileSync(join(archive.home, `unreadable/${CLIP}.json`), "x");
  expect(unreadableNames(archive.home)).toEqual([`${TASK}.json`, `${CLIP}.json`]);
  removeUnreadable(archive.home, [CLIP, `${TASK}_12`]);
  expect(existsSync(join(archive.home, "unreadable/notes.txt"))).toBe(true);
});

it("D54: none are there before the first; what is in the way is an error of the disk", () => {
  expect(unreadableNames(archive.home)).toEqual([]);
  open().remove(TASK);
  writeFileSync(join(archive.home, "unreadable"), "in the way");
  expect(() => unreadableNames(archive.home)).toThrow(DiskError);
});

it("D54: a file that is gone by itself is no error", () => {
  const unreadables = open();
  const path = unreadables.save(TASK, "text");
  rmSync(join(archive.home, path ?? ""));
  unreadables.remove(TASK);
  expect(unreadables.save(TASK, "again")).toBe(path);
});

it.each([
  ["its id", CLIP, CLIP],
  ["the id of its task, where it has none", undefined, `${TASK}_0`],
])("what tells of a purged clip by %s is neither kept nor left", (_how, id, clipId) => {
  const clip = { ...(id && { id }), state: "succeeded", audio_url: "https://a.example/1.m4a" };
  saveAll(archive, [{ id: TASK, type: "audios", finished_at: 1, response: { data: [clip] } }]);
  const text = JSON.stringify({ id: TASK, response: [clip] });
  const path = open().save(TASK, text);
  removeUnreadable(archive.home, ["30000000-0000-4000-8000-000000000000"]);
  expect(textOf(path)).toBe(text);
  removeUnreadable(archive.home, [clipId]);
  expect(existsSync(join(archive.home, path ?? ""))).toBe(false);
  purgeTexts(archive, [clipId], NOW);
  expect(open().save(TASK, text)).toBeUndefined();
});
