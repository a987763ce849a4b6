import { appendFileSync, chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { COMMANDS } from "../../src/cli/command-table.ts";
import { editArchive } from "../helpers/archive-copy.ts";
import { expectCode } from "../helpers/expect-code.ts";
import { listTree } from "../helpers/folder-tree.ts";
import { makeWorld, TOKEN, type World } from "../helpers/world.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const SHAPES = [
  TOKEN,
  Buffer.from(TOKEN).toString("base64").replace(/=+$/, ""),
  encodeURIComponent(TOKEN),
  TOKEN.slice(0, 12),
  TOKEN.slice(-12),
];
const ID = "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";

/** Every command in ways that work and ways that fail; longer ones are ended by a signal. */
const LINES: string[][] = [
  ["--help"],
  ["--version"],
  ["nonsense"],
  ["track", ID],
  ["track", "no id"],
  ["track", "--file", "/nowhere"],
  ["untrack", ID],
  ["config"],
  ["config", "--json"],
  ["backup", "canary-backups"],
  ["restore", "canary-backups", "-n"],
  ["rm", "none"],
  ["export"],
  ["export", "nonsense"],
  ["export", "songs", "canary-songs"],
  ["mcp", "--print-config"],
  ["star", "none"],
  ["unstar", "none"],
  ["rate", "none", "3"],
  ["playlist", "list"],
  ["playlist", "create", "Canary"],
  ["key", "list"],
  ["completion", "bash"],
  ["completion", "tcsh"],
  ["completion", "fish", "--", "config", "--"],
  ["rebuild"],
  ["rebuild", "--json"],
  ["doctor"],
  ["doctor", "--json"],
  ["untrack", "x"],
  ["import", "record.json"],
  ["import", "log.txt"],
  ["import", "/nowhere"],
  ["sync"],
  ["sync", "--refresh"],
  ["sync", "-n"],
  ["sync", "--assets-only"],
  ["sync", ID],
  ["sync", "--rate", "fast"],
  ["sync", "--api-url", "http://example.com"],
  ["watch", "--cron", "nonsense"],
  ["status"],
  ["status", "--max-age", "1s"],
  ["status", "--max-age", "x"],
  ["tasks"],
  ["clips"],
  ["ls", "--paths"],
  ["show", "x"],
  ["search", "rain"],
  ["stats"],
  ["stats", "--by", "x"],
  ["sql", "select * from tracked_tasks"],
  ["sql", "drop table tasks"],
  ["history", "x"],
  ["changes"],
  ["why", "x"],
  ["lineage", "x"],
  ["verify"],
  ["verify", "--full"],
  ["tag", "x", "+a"],
  ["tag", "--list"],
  ["rm", "x"],
  ["rebuild"],
  ["config"],
  ["doctor"],
  ["discover"],
  ["discover", "-n"],
  ["export", "songs", "out-songs"],
  ["export", "tables", "out-tables"],
  ["backup", "out-backup"],
];

function hits(world: World, text: string): string[] {
  const files = listTree(world.folder)
    .filter((found) => found.type === "file")
    .map((found) => [found.path, readFileSync(found.fullPath, "latin1")] as const);
  return [["output", text] as const, ...files].flatMap(([name, content]) =>
    SHAPES.filter((shape) => content.includes(shape)).map((shape) => `${name}: ${shape}`),
  );
}

async function runAll(world: World, lines: string[][]): Promise<string> {
  const output: string[] = [];
  for (const line of lines) {
    const end = await world.mirror(...line, "-v");
    output.push(end.stdout, end.stderr);
  }
  return output.join("\n");
}

test("G93: the token is in no output and no file, whatever command runs, works or fails", async () => {
  const known = new Set(COMMANDS.map(({ name }) => name));
  const used = new Set(LINES.map(([name]) => name));
  expect(
    [...known].filter((name) => !used.has(name) && !["serve", "receive", "demo", "restore"].includes(name)),
  ).toEqual([]);
  await using world = await makeWorld({ tasks: 3 });
  writeFileSync(join(world.folder, "record.json"), JSON.stringify(world.standIn.records.get(world.ids[0] ?? "")));
  writeFileSync(join(world.folder, "log.txt"), "nothing\n");
  const well = await runAll(
    world,
    LINES.filter(([name = ""]) => name.startsWith("-") || name === "nonsense" || known.has(name)),
  );
  world.standIn.fault("api", [
    { kind: "status", status: 401, message: `The token ${TOKEN} is not valid` },
    { kind: "status", status: 500, style: "html", message: `Bearer ${TOKEN}` },
    { kind: "body", body: `{"error":"no such token ${TOKEN}"}` },
  ]);
  const again: string[] = [];
  for (const words of [
    ["sync", "--refresh", "-v"],
    ["sync", "--refresh", "-v", "--json"],
    ["sync", "--refresh"],
  ]) {
    const end = await world.mirror(...words);
    again.push(end.stdout, end.stderr);
  }
  editArchive(world.home, "pragma user_version = 99");
  const newer = await runAll(world, [["sync"], ["status"], ["track", ID]]);
  expect(hits(world, well + again.join("\n") + newer)).toEqual([]);
});

test("G93: the process list does not show it, and a refused value of the variable is not repeated", async () => {
  await using world = await makeWorld({ tasks: 1 });
  world.standIn.fault("api", { kind: "hang" }, "forever");
  const child = world.start(["sync"]);
  while (world.standIn.apiRequests().length === 0) await sleep(10);
  expect(readFileSync(`/proc/${child.pid}/cmdline`, "utf8")).not.toContain(TOKEN.slice(0, 12));
  const bad = expectCode(
    await world.mirrorWith({ env: { ACEDATACLOUD_API_TOKEN: `${TOKEN} with a blank` } }, "sync", "--json"),
    2,
  );
  expect(bad.json).toMatchObject({ error: { message: expect.stringContaining("ACEDATACLOUD_API_TOKEN") as unknown } });
  expect(hits(world, bad.stdout + bad.stderr)).toEqual([]);
});

test("G96: with umask 000 every folder is 0700 and every file 0600, also at work", async () => {
  await using world = await makeWorld({ tasks: 3, tracked: false, standIn: { padTo: 4_000_000 } });
  const wrapper = ["sh", "-c", 'umask 000; exec "$@"', "sh"];
  const modes = () =>
    listTree(world.home)
      .filter(({ type, mode }) => mode !== (type === "folder" ? "700" : "600"))
      .map(({ path, mode }) => `${path} ${mode}`);
  expectCode(await world.mirrorWith({ wrapper }, "track", ...world.ids), 0);
  expect(statSync(world.home).mode & 0o777).toBe(0o700);
  expect(modes()).toEqual([]);
  world.standIn.fault(/\.m4a/, { kind: "stall", after: 0.5 }, "forever");
  const child = world.start(["sync"], { wrapper });
  const parts = () => listTree(world.home).filter(({ path }) => path.endsWith(".part"));
  while (parts().length < 3) await sleep(20);
  expect(listTree(world.home).map(({ path }) => path)).toEqual(
    expect.arrayContaining(["archive.db-wal", "archive.db-shm", "lock.db", "lock.json"]),
  );
  expect(modes()).toEqual([]);
  child.kill("SIGKILL");
  await child.done;
  world.standIn.clearFaults();
  expectCode(await world.mirrorWith({ wrapper }, "sync"), 0);
  expect(modes()).toEqual([]);
  expect(world.problems()).toEqual([]);
});

test("G98: a .env with a token that others may read is remarked on", async () => {
  await using world = await makeWorld({ tasks: 1 });
  const path = join(world.home, ".env");
  writeFileSync(path, `ACEDATACLOUD_API_TOKEN=${TOKEN}\n`, { mode: 0o644 });
  expect((await world.mirror("status")).stderr).toMatch(/chmod 600/);
  chmodSync(path, 0o600);
  appendFileSync(path, "\n");
  expect((await world.mirror("status")).stderr).toBe("");
});

test.each([["--token"], ["--api-token"], ["-t"]])(
  "G99: there is no flag for the token: %s ends with 2",
  async (flag) => {
    await using world = await makeWorld({ tasks: 1 });
    const end = expectCode(await world.mirror("sync", flag, TOKEN), 2);
    expect(end.stdout + end.stderr).not.toContain(TOKEN);
    const joined = expectCode(await world.mirror("sync", `${flag}=${TOKEN}`, "--json"), 2);
    expect(joined.stdout + joined.stderr).not.toContain(TOKEN);
    expect(joined.json).toMatchObject({
      error: { exit: 2, hint: expect.stringMatching(/ACEDATACLOUD_API_TOKEN/) as unknown },
    });
    expect(world.standIn.requests).toHaveLength(0);
  },
);
