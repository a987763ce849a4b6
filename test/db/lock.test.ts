import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { acquireLock } from "../../src/db/lock.ts";
import { LockedError } from "../../src/lib/errors.ts";
import { temporaryFolder } from "../helpers/temporary-archive.ts";

const MODULE = new URL("../../src/db/lock.ts", import.meta.url).href;
let folder: ReturnType<typeof temporaryFolder>;
const holders: ChildProcess[] = [];

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  for (const child of holders.splice(0)) child.kill("SIGKILL");
  folder[Symbol.dispose]();
});

/** Another process that takes the lock, says so, and holds it. */
async function holder() {
  const code = `const { acquireLock } = await import(${JSON.stringify(MODULE)}); acquireLock(process.argv[1], "sync"); console.log("held"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code, folder.path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  holders.push(child);
  await once(child.stdout, "data");
  return child;
}

function refusal(): LockedError {
  try {
    acquireLock(folder.path, "sync").release();
  } catch (error) {
    if (error instanceof LockedError) return error;
    throw error;
  }
  throw new Error("the lock was free");
}

describe("acquireLock", () => {
  it("C31: refuses a second one, naming who holds it and since when", () => {
    using _lock = acquireLock(folder.path, "sync");
    const { exit, message } = refusal();
    expect(exit).toBe(8);
    expect(message).toContain(
      `sync, pid ${process.pid} on ${hostname()}, since ${new Date().toISOString().slice(0, 13)}`,
    );
    expect(message).toContain(folder.path);
  });

  it("C31: is there again when it is given back, twice or once", () => {
    const lock = acquireLock(folder.path, "sync");
    expect(existsSync(join(folder.path, "lock.json"))).toBe(true);
    lock.release();
    lock.release();
    expect(existsSync(join(folder.path, "lock.json"))).toBe(false);
    acquireLock(folder.path, "watch").release();
  });

  it("C32: goes with a process that is killed, without a question", async () => {
    const child = await holder();
    expect(refusal().message).toContain(`pid ${child.pid}`);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(existsSync(join(folder.path, "lock.json"))).toBe(true);
    using _lock = acquireLock(folder.path, "sync");
    expect(JSON.parse(readFileSync(join(folder.path, "lock.json"), "utf8"))).toMatchObject({ pid: process.pid });
  });

  it("C32: does not believe a note of a process that is gone", () => {
    using _lock = acquireLock(folder.path, "sync");
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    writeFileSync(
      join(folder.path, "lock.json"),
      JSON.stringify({ pid, host: hostname(), command: "sync", since: "2020" }),
    );
    expect(refusal().exit).toBe(8);
  });

  it.each(["", "null", "{}", '{"pid":"x"}', "not JSON"])("C31: says that it is held where the note is %j", (note) => {
    using _lock = acquireLock(folder.path, "sync");
    writeFileSync(join(folder.path, "lock.json"), note);
    expect(refusal().message).toBe(`another run holds ${folder.path}`);
  });

  it("waits as long as asked", async () => {
    const child = await holder();
    const killer = spawn(process.execPath, ["-e", `setTimeout(() => process.kill(${child.pid}, "SIGKILL"), 300)`]);
    expect(() => acquireLock(folder.path, "track", 5000).release()).not.toThrow();
    await once(killer, "exit");
  });

  it("has one for each name", () => {
    using _run = acquireLock(folder.path, "sync");
    using _watch = acquireLock(folder.path, "watch", 0, "watch");
    expect(existsSync(join(folder.path, "watch.db"))).toBe(true);
  });
});
