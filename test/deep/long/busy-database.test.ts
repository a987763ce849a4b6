import { setTimeout as sleep } from "node:timers/promises";
import { statSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { expect, test, vi } from "vitest";
import { expectCode } from "../../helpers/expect-code.ts";
import { makeWorld } from "../../helpers/world.ts";

vi.setConfig({ testTimeout: 120_000 });

/** Held by this process, as a foreign program would; the commands have processes of their own. */
function foreigner(home: string): Sqlite.Database {
  return new Sqlite(join(home, "archive.db"));
}

test("C34: another program writes for 2 s: a sync waits for it and completes", async () => {
  await using world = await makeWorld({ tasks: 3 });
  const other = foreigner(world.home);
  other.exec("begin immediate");
  const sync = world.mirrorWith({}, "sync");
  await sleep(2000);
  other.exec("commit");
  other.close();
  expectCode(await sync, 0);
  expect(world.problems()).toEqual([]);
});

test("C34: another program writes for ever: 7 in words, reading goes on, nothing half-written", async () => {
  await using world = await makeWorld({ tasks: 3 });
  expectCode(await world.mirrorWith({}, "sync"), 0);
  const other = foreigner(world.home);
  other.exec("begin immediate");
  const end = expectCode(await world.mirrorWith({}, "sync", "--refresh", "--json"), 7);
  expect(end.json).toMatchObject({
    error: { code: "database_busy", message: expect.stringContaining(world.home) as unknown },
  });
  expectCode(await world.mirrorWith({}, "clips"), 0);
  other.exec("rollback");
  other.close();
  expectCode(await world.mirrorWith({}, "sync", "--refresh"), 0);
  expect(world.problems()).toEqual([]);
});

test("C36: a reader that holds an old moment through a sync: the log is short again when both are over", async () => {
  await using world = await makeWorld({ tasks: 300 });
  const reader = foreigner(world.home);
  reader.exec("begin");
  reader.prepare("select count(*) from tasks").get();
  expectCode(await world.mirrorWith({}, "sync", "--no-assets"), 0);
  reader.exec("commit");
  reader.close();
  expectCode(await world.mirrorWith({}, "sync", "--no-assets"), 0);
  const log = statSync(join(world.home, "archive.db-wal"), { throwIfNoEntry: false })?.size ?? 0;
  expect(log).toBeLessThan(8_000_000);
});

test("J127: a query that runs for seconds does not hold up a sync, nor its log", async () => {
  await using world = await makeWorld({ tasks: 100 });
  expectCode(await world.mirrorWith({}, "sync", "--no-assets", world.ids[0] ?? ""), 0);
  const long = "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n, clips";
  const query = world.start(["sql", long, "--timeout", "5m"]);
  await sleep(500);
  expectCode(await world.mirrorWith({}, "sync"), 0);
  expect(query.child.exitCode).toBeNull();
  query.kill("SIGINT");
  expectCode(await query.done, 130);
  expectCode(await world.mirrorWith({}, "status"), 0);
  expect(world.problems()).toEqual([]);
  const log = statSync(join(world.home, "archive.db-wal"), { throwIfNoEntry: false })?.size ?? 0;
  expect(log).toBeLessThan(8_000_000);
});

test("J126: nothing that the tables give away beyond the raw documents and columns that name them so", async () => {
  await using world = await makeWorld({ tasks: 1 });
  const end = expectCode(await world.mirrorWith({}, "sql", "select * from songs", "--json"), 0);
  expect(end.stdout).not.toMatch(/callback|credential|application_id|user_id|trace_id/);
});
