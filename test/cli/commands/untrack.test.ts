import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../helpers/temporary-archive.ts";
import { openArchive } from "../../../src/db/archive-file.ts";
import { runCommand } from "../run-command.ts";

const ID = "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => void (folder = temporaryFolder()));
afterEach(() => folder[Symbol.dispose]());

test("untrack --dry-run says what would be, and does nothing", async () => {
  await runCommand(folder.path, ["track", ID]);
  const message = await runCommand(folder.path, ["untrack", "-n", ID]);
  expect(message).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("1 task id would be untracked") as unknown,
  });
  const done = await runCommand(folder.path, ["untrack", ID]);
  expect(done.stdout).toContain("1 task id untracked");
  expect((await runCommand(folder.path, ["untrack", "-n", ID])).exitCode).toBe(2);
});

test("untrack and sync take the beginning of a task's id, as show does; several, none and clips are named", async () => {
  const other = ID.replace("1a6ac2ad", "1a6affff");
  await runCommand(folder.path, ["track", ID, other]);
  const { $client: client } = openArchive(folder.path);
  client.exec(`insert into tasks (id, state, document_version, first_seen_at, updated_at) values ('${other}', 'succeeded', 1, 0, 0);
    insert into clips (id, task_id, state, first_seen_at, updated_at) values ('2bcd', '${other}', 'succeeded', 0, 0)`);
  client.close();
  for (const command of [["untrack", "-n"], ["sync", "-n"], ["untrack"]]) {
    const ends = await Promise.all(["1a6a", "9999", "2b"].map((begin) => runCommand(folder.path, [...command, begin])));
    expect(ends.map(({ exitCode, stderr }) => [exitCode, stderr.split("\n")[0]])).toEqual([
      [2, "error: 1a6a is ambiguous: 2 ids begin with it"],
      [2, "error: no task or clip has the id 9999"],
      [2, "error: 2b is a clip; name its task"],
    ]);
  }
  const plan = await runCommand(folder.path, ["sync", "-n", "1A6AC2"]);
  expect(plan.stdout).toContain("would request 1 task in 1 request");
  const done = await runCommand(folder.path, ["untrack", "1a6ac2", ID]);
  expect(done).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("1 task id untracked") as unknown });
  expect((await runCommand(folder.path, ["sync", "-n", "1a6ac2"])).stderr).toContain(`not tracked: ${ID}`);
});

test("untrack --missing takes the ids that the API never answered for, and no others", async () => {
  const id = (n: number) => `0000000${n}-0000-4000-8000-000000000000`;
  await runCommand(folder.path, ["track", ...[1, 2, 3, 4, 5].map(id)]);
  const { $client: client } = openArchive(folder.path);
  client.prepare("update tracked_tasks set not_seen = 1 where task_id = ?").run(id(1));
  client.prepare("update tracked_tasks set state = 'missing', not_seen = 3 where task_id = ?").run(id(2));
  // Mirrored once, gone since.
  client
    .prepare("update tracked_tasks set state = 'succeeded', not_seen = 5, missing_since = 1 where task_id = ?")
    .run(id(3));
  client
    .prepare(
      "insert into tasks (id, state, document_version, first_seen_at, updated_at) values (?, 'succeeded', 1, 0, 0)",
    )
    .run(id(3));
  client.prepare("update tracked_tasks set untracked_at = 1, not_seen = 3 where task_id = ?").run(id(4));
  client.close();
  const planned = await runCommand(folder.path, ["untrack", "--missing", "-n"]);
  expect(planned.stdout.split("\n").slice(1, 3)).toEqual([id(1), id(2)]);
  const done = await runCommand(folder.path, ["untrack", "--missing", "--json"]);
  expect(JSON.parse(done.stdout)).toEqual({ untracked: 2, unknown: [], ids: [id(1), id(2)] });
  expect(await runCommand(folder.path, ["untrack", "--missing"])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("0 task ids untracked") as unknown,
  });
  expect((await runCommand(folder.path, ["untrack", "--missing", id(5)])).exitCode).toBe(2);
  expect((await runCommand(folder.path, ["untrack"])).exitCode).toBe(2);
});

test("track --file shows by key what it would take and leave, and names what it left when nothing is there", async () => {
  const file = join(folder.path, "app.log");
  writeFileSync(file, `created task ${ID} request_id=${ID.replace("1a", "2b")}\ndone ${ID.replace("1a", "3c")}\n`);
  const { stdout } = await runCommand(folder.path, ["track", "-n", "--file", file]);
  expect(stdout).toContain("2 task ids would be added (1 of something else left alone)");
  expect(stdout).toContain(`found by key:\n  task: 1, such as ${ID}\n  no key: 1`);
  expect(stdout).toContain(`left alone, by key:\n  request_id: 1, such as 2b`);
  const json = await runCommand(folder.path, ["track", "--json", "--file", file]);
  expect(JSON.parse(json.stdout)).toMatchObject({
    added: 2,
    alreadyTracked: 0,
    rejected: [],
    leftAlone: [{ key: "request_id", count: 1, sample: ID.replace("1a", "2b") }],
  });
  writeFileSync(file, `trace_id=${ID}\n`);
  const none = await runCommand(folder.path, ["track", "--file", file]);
  expect([none.exitCode, none.stderr]).toEqual([2, expect.stringContaining("ids of something else: trace_id 1")]);
});
