import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { isAlive } from "../../helpers/is-alive.ts";
import { dumpTables, rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { listTree } from "../../helpers/folder-tree.ts";
import type { Ended } from "../../helpers/program.ts";
import { makeWorld, TOKEN, type World } from "../../helpers/world.ts";
import { fakeProgram } from "../../backup/off-site/program/fake-program.ts";
import { has } from "../../helpers/needs.ts";

vi.setConfig({ testTimeout: 60_000 });

const SECRET = { RESTIC_PASSWORD: "a secret word" };
const HANGS = `case $1 in snapshots) echo '[]';; *) trap '' INT TERM; echo $$ > "$TMPDIR/pid"; while :; do sleep 0.2; done;; esac`;

let world: World;
beforeAll(async () => {
  world = await makeWorld({ tasks: 3 });
  expectCode(await world.mirror("sync"), 0);
});
afterAll(() => world[Symbol.asyncDispose]());

const backUp = (env: Record<string, string>, ...words: string[]): Promise<Ended> =>
  world.mirrorWith({ env: { ...SECRET, TMPDIR: world.folder, ...env } }, "backup", ...words);

/** The process id that the fake program wrote. */
async function pidOfChild(): Promise<number> {
  const file = join(world.folder, "pid");
  for (let look = 0; look < 500 && !existsSync(file); look++) await sleep(20);
  await sleep(50);
  const pid = Number(readFileSync(file, "utf8"));
  rmSync(file);
  return pid;
}

describe("M147: the text of a location is never an option or a command", () => {
  it.each([
    "restic:--password-command=touch canary",
    "restic:-o",
    "restic:a\nb",
    "restic:sftp:-oProxyCommand=touch canary:/x",
    "restic:rclone::webdav,bearer_token_command=touch canary:",
    "rclone:--config=canary",
    "rclone::local,x=y:",
    "rclone::webdav,bearer_token_command=touch canary:",
    "rclone:remote,x=y:z",
    "rclone:$(touch canary):x",
    "--init",
    "",
  ])("%j is exit 2, and no program is started", async (location) => {
    const fakes = (["restic", "rclone"] as const).map((name) => fakeProgram(world.folder, name, "touch canary"));
    const end = await backUp({ PATH: fakes[0]?.path ?? "" }, `--to=${location}`);
    expectCode(end, 2);
    expect(end.stderr).toMatch(/^error: /);
    expect(fakes.flatMap((fake) => fake.calls())).toEqual([]);
    expect(readdirSync(world.folder)).not.toContain("canary");
  });

  it.each(["restic", "rclone"] as const)("a folder with a strange name is one argument of %s", async (name) => {
    const odd = `${world.folder}/a;touch canary $(touch canary) \`touch canary\` 'x' --option`;
    const fake = fakeProgram(world.folder, name, "exit 77");
    expectCode(await backUp({ PATH: fake.path }, "--to", `${name}:${odd}`), 1);
    const [words = []] = fake.calls();
    const argument = name === "restic" ? `--repo=local:${odd}` : `${odd}/assets/.producer-mirror`;
    expect(words.filter((word) => word === argument)).toHaveLength(1);
    expect(readdirSync(world.folder)).not.toContain("canary");
  });
});

describe("M146: the program is stopped with us", () => {
  it.each([
    ["restic", "SIGTERM", 143],
    ["restic", "SIGINT", 130],
    ["rclone", "SIGTERM", 143],
  ] as const)("%s, at %s: within 6 s, and no orphan", async (name, signal, code) => {
    const { path } = fakeProgram(world.folder, name, HANGS);
    const env = { ...SECRET, PATH: path, TMPDIR: world.folder };
    const running = world.start(["backup", "--to", `${name}:/nowhere`, "--json"], { env });
    const pid = await pidOfChild();
    running.kill(signal);
    const end = await running.done;
    expectCode(end, code);
    expect(isAlive(pid)).toBe(false);
    expect(end.json).toMatchObject({ error: { exit: code } });
    expect(rowsOf(world.home, "select outcome from backups order by id desc limit 1")).toEqual([
      { outcome: "interrupted" },
    ]);
    expect(existsSync(join(world.home, "backup-staging"))).toBe(false);
  });

  it("a second Ctrl-C kills both at once", async () => {
    const { path } = fakeProgram(world.folder, "restic", HANGS);
    const running = world.start(["backup", "--to", "restic:/nowhere"], {
      env: { ...SECRET, PATH: path, TMPDIR: world.folder },
    });
    const pid = await pidOfChild();
    running.kill("SIGINT");
    await sleep(200);
    running.kill("SIGINT");
    expectCode(await running.done, 130);
    await sleep(200);
    expect(isAlive(pid)).toBe(false);
  });

  it("after SIGKILL the program can go on with a whole staging folder, and the next backup works", async () => {
    const { path } = fakeProgram(world.folder, "restic", HANGS);
    const running = world.start(["backup", "--to", "restic:/nowhere"], {
      env: { ...SECRET, PATH: path, TMPDIR: world.folder },
    });
    const pid = await pidOfChild();
    running.kill("SIGKILL");
    await running.done;
    expect(isAlive(pid)).toBe(true);
    const staged = listTree(join(world.home, "backup-staging/snapshot")).map((found) => found.path);
    expect(staged).toEqual(expect.arrayContaining(["archive.db", "backup.json", "SHA256SUMS"]));
    process.kill(pid, "SIGKILL");
    const quick = fakeProgram(world.folder, "restic", "case $1 in snapshots) echo '[]';; *) exit 11;; esac");
    expectCode(await backUp({ PATH: quick.path }, "--to", "restic:/nowhere"), 5);
    expect(existsSync(join(world.home, "backup-staging"))).toBe(false);
  });

  it("--max-duration stops it with exit 3 and the advice to run it again", async () => {
    const { path } = fakeProgram(world.folder, "restic", HANGS);
    const end = await backUp({ PATH: path }, "--to", "restic:/nowhere", "--max-duration", "3s", "--json");
    expectCode(end, 3);
    expect(end.json).toMatchObject({
      error: { code: "out_of_time", exit: 3, hint: expect.stringMatching(/again/) as unknown },
    });
    expect(isAlive(await pidOfChild())).toBe(false);
  });
});

describe("the output", () => {
  it("M145: without program or password it is exit 2 with advice, and the archive stays as before", async () => {
    const before = dumpTables(world.home);
    const empty = join(world.folder, "empty");
    mkdirSync(empty, { recursive: true });
    const absent = expectCode(await backUp({ PATH: empty }, "--to", "restic:/nowhere"), 2);
    expect(absent.stderr).toMatch(/^error: restic is not installed\n.*apt install restic/);
    const { path } = fakeProgram(world.folder, "restic", "exit 0");
    const words = { PATH: path, RESTIC_PASSWORD: "" };
    expect(expectCode(await backUp(words, "--to", "restic:/nowhere"), 2).stderr).toMatch(/RESTIC_PASSWORD_FILE/);
    expect(dumpTables(world.home)).toEqual(before);
  });

  it.skipIf(!has("rclone"))("of backup, dry run and restore has no secret (skipped without rclone)", async () => {
    const location = `rclone:${world.folder}/remote`;
    expectCode(await backUp({}, "--to", location, "--dry-run", "--json"), 0);
    expect(existsSync(join(world.folder, "remote"))).toBe(false);
    const end = expectCode(await backUp({}, "--to", location, "--json", "-v"), 0);
    expect(end.json).toMatchObject({ home: world.home, location, clips: 3, lacking: [] });
    expect(end.stdout + end.stderr).not.toMatch(new RegExp(`${TOKEN}|secret word`));
    const human = expectCode(await backUp({}, "--to", location), 0);
    expect(human.stdout).toMatch(new RegExp(`^${world.home}\n`));
    expect(human.stderr).toBe("");
    const elsewhere = join(world.folder, "elsewhere");
    const back = expectCode(await world.mirror("restore", location, "--home", elsewhere, "--json"), 0);
    expect(back.json).toMatchObject({ restored: true, from: location, damaged: [], clips: 3 });
    expectCode(await world.mirror("verify", "--full", "--home", elsewhere), 0);
    const gone = await world.mirror("restore", location, "--home", elsewhere, "--generation", "2001", "--json");
    expect(expectCode(gone, 2).json).toMatchObject({ error: { code: "no_backup" } });
  });
});
