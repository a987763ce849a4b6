import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Sqlite from "better-sqlite3";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { expectCode } from "../../helpers/expect-code.ts";
import { makeWorld, type World } from "../../helpers/world.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let world: World;
let database: string;

beforeAll(async () => {
  world = await makeWorld({ tasks: 150 });
  expectCode(await world.mirror("sync"), 0);
  database = join(world.home, "archive.db");
});

afterAll(() => world[Symbol.asyncDispose]());

/** Whether a process has the file open, and whether it holds a lock on it (`/proc/locks`: … PID device:inode …). */
function look(pid: number, path: string): { open: boolean; locked: boolean } {
  const { ino } = statSync(path);
  const folder = `/proc/${pid}/fd`;
  const target = (name: string) => {
    try {
      return readlinkSync(join(folder, name));
    } catch {
      return "";
    }
  };
  const isOpen = () => {
    try {
      return readdirSync(folder).some((name) => target(name) === path);
    } catch {
      return false;
    }
  };
  const before = isOpen();
  const locked = readFileSync("/proc/locks", "utf8")
    .split("\n")
    .some((line) => line.includes("POSIX") && line.includes(` ${pid} `) && line.includes(`:${ino} `));
  return { open: before && isOpen(), locked };
}

/** SQLite opens the file shortly before it takes its lock, so one look without a lock says nothing. */
const MOST_UNLOCKED = 20;

/** Watches a command until it ends. Returns how often it was seen with the database open, and the longest time unlocked. */
async function watch(pid: number, done: Promise<unknown>): Promise<{ seen: number; unlocked: number }> {
  let isDone = false;
  void done.finally(() => (isDone = true));
  const found = { seen: 0, unlocked: 0 };
  for (let unlocked = 0; !isDone; await sleep(1)) {
    const [data, run] = [look(pid, database), look(pid, join(world.home, "lock.db"))];
    if (data.open) found.seen++;
    unlocked = [data, run].some(({ open, locked }) => open && !locked) ? unlocked + 1 : 0;
    found.unlocked = Math.max(found.unlocked, unlocked);
  }
  return found;
}

/** What another program does beside it: it reads, writes a copy of its own, and leaves. */
function visit(): void {
  const copy = join(world.folder, "visitor.db");
  rmSync(copy, { force: true });
  const visitor = new Sqlite(database);
  visitor.prepare("select count(*) from clips").get();
  visitor.prepare("vacuum into ?").run(copy);
  visitor.close();
}

test.each<[string[]]>([
  [["sync", "--refresh"]],
  [["verify", "--full"]],
  [["verify", "--full", "--repair"]],
  [["backup", "backups"]],
  [["rebuild"]],
  [["export", "songs", "songs"]],
  [["export", "tables", "tables"]],
  [["doctor", "--offline"]],
  [["status"]],
])("%j holds its locks on database and lock.db as long as it has them open", async (args) => {
  const run = world.start(args);
  const watching = watch(run.pid, run.done);
  for (let visits = 0; visits < 3; visits++) {
    await sleep(60);
    visit();
  }
  const { seen, unlocked } = await watching;
  expectCode(await run.done, 0);
  expect(seen).toBeGreaterThan(0);
  expect(unlocked).toBeLessThan(MOST_UNLOCKED);
  expect(execFileSync("sqlite3", [database, "pragma integrity_check"], { encoding: "utf8" })).toBe("ok\n");
});
