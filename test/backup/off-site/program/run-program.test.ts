import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isAlive } from "../../../helpers/is-alive.ts";
import { findProgram } from "../../../../src/backup/off-site/program/find-program.ts";
import { runProgram } from "../../../../src/backup/off-site/program/run-program.ts";
import { temporaryFolder } from "../../../helpers/temporary-archive.ts";
import { fakeProgram } from "./fake-program.ts";

const never = new AbortController().signal;

type Fake = { script: string; name?: "restic" | "rclone"; version?: string; env?: Record<string, string> };

async function found(folder: string, { script, name = "restic", version, env }: Fake) {
  const fake = fakeProgram(folder, name, script, version);
  return findProgram(name, { PATH: fake.path, HOME: folder, ...env }, never);
}

async function pidIn(file: string): Promise<number> {
  for (let look = 0; look < 200 && !existsSync(file); look++) await sleep(20);
  await sleep(50);
  return Number(readFileSync(file, "utf8"));
}

describe("M145: a program that misbehaves", () => {
  it("M145: its 1 GB of stderr and stdout do not fill the memory", async () => {
    using folder = temporaryFolder();
    const program = await found(folder.path, {
      script: "yes $(printf 'Fatal%.0s' {1..50}) | head -c 1G >&2; head -c 256M /dev/zero; exit 77",
    });
    const before = process.memoryUsage().rss;
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20);
    let longest = 0;
    const onLine = (line: string) => void (longest = Math.max(longest, line.length));
    const end = await runProgram({ ...program, args: ["backup"], signal: never, idleMs: 20_000, onLine });
    clearInterval(watch);
    expect(end.exitCode).toBe(77);
    expect(end.tail.join("").length).toBeLessThan(10_000);
    expect(longest).toBeLessThan(300_000);
    expect((most - before) / 1024 / 1024).toBeLessThan(150);
  });

  it("M145: is killed after its idle time with everything that it started", async () => {
    using folder = temporaryFolder();
    const pid = join(folder.path, "pid");
    const program = await found(folder.path, {
      script: `trap '' INT TERM; sleep 600 & echo $! > ${pid}; wait; sleep 600`,
    });
    const running = runProgram({ ...program, args: ["backup"], signal: never, idleMs: 400 });
    await expect(running).rejects.toMatchObject({ exit: 5, code: "program_silent" });
    expect(isAlive(await pidIn(pid))).toBe(false);
  });

  it("M145: counts as hanging when it repeats the same line", async () => {
    using folder = temporaryFolder();
    const program = await found(folder.path, { script: "while :; do echo same; sleep 0.05; done" });
    const running = runProgram({ ...program, args: ["backup"], signal: never, idleMs: 400, onLine: () => false });
    await expect(running).rejects.toMatchObject({ code: "program_silent" });
  });

  it("leaves no process that keeps its pipes open", async () => {
    using folder = temporaryFolder();
    const program = await found(folder.path, { script: "sleep 600 & echo done; exit 0" });
    const end = await runProgram({ ...program, args: ["backup"], signal: never, idleMs: 20_000 });
    expect(end.exitCode).toBe(0);
  });
});

describe("M146: an abort stops the program", () => {
  it.each(["restic", "rclone"] as const)("%s, by a signal that it can handle", async (name) => {
    using folder = temporaryFolder();
    const mark = join(folder.path, "ended");
    const program = await found(folder.path, {
      name,
      script: `trap "echo yes > ${mark}; exit 0" INT TERM; echo go; while :; do sleep 0.05; done`,
    });
    const controller = new AbortController();
    const onLine = () => controller.abort(new Error("stop"));
    const running = runProgram({ ...program, args: ["backup"], signal: controller.signal, idleMs: 20_000, onLine });
    await expect(running).rejects.toThrow("stop");
    expect(readFileSync(mark, "utf8")).toBe("yes\n");
  });

  it("then by SIGKILL, within 6 s", async () => {
    using folder = temporaryFolder();
    const pid = join(folder.path, "pid");
    const program = await found(folder.path, {
      script: `trap '' INT TERM; echo $$ > ${pid}; echo go; while :; do sleep 1; done`,
    });
    const controller = new AbortController();
    const onLine = () => controller.abort(new Error("stop"));
    const running = runProgram({ ...program, args: ["backup"], signal: controller.signal, idleMs: 20_000, onLine });
    await expect(running).rejects.toThrow("stop");
    expect(isAlive(await pidIn(pid))).toBe(false);
  });
});

describe("a program that cannot be used", () => {
  it.each(["restic", "rclone"] as const)(
    "M145: %s that is absent is exit 2 with advice how to install it",
    async (name) => {
      using folder = temporaryFolder();
      const looking = findProgram(name, { PATH: `${folder.path}:relative` }, never);
      await expect(looking).rejects.toMatchObject({
        exit: 2,
        code: "program_missing",
        message: `${name} is not installed`,
      });
      await expect(looking).rejects.toHaveProperty("hint", expect.stringContaining(`apt install ${name}`));
    },
  );

  it.each([
    ["restic 0.9.6 compiled with go1.13", "program_too_old"],
    ["lorem ipsum", "program_unknown"],
    ["", "program_unknown"],
  ])("prints %j as its version", async (version, code) => {
    using folder = temporaryFolder();
    const looking = found(folder.path, { script: "exit 0", version });
    await expect(looking).rejects.toMatchObject({ exit: 2, code });
  });
});
