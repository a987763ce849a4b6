import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { runSql } from "../../../src/query/sql/sql.ts";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { watchMemory } from "../../helpers/memory.ts";
import { makeWorld } from "../../helpers/world.ts";
import { makeLibrary } from "../../query/library.ts";

vi.setConfig({ testTimeout: 600_000 });

const MEGABYTE = 1024 * 1024;

test("67: a log of 200 MB is read as it comes, in little memory", async () => {
  await using world = await makeWorld({ tasks: 1 });
  const file = join(world.folder, "big.log");
  const out = createWriteStream(file);
  const line = `${"2026-11-29T00:00:00Z INFO the request came in and was answered ".repeat(16)}\n`;
  for (let mb = 0; mb < 200; mb++) if (!out.write(line.repeat(1_000_000 / line.length))) await once(out, "drain");
  out.end("0a6ac2ad-10f2-4e2b-b500-66ec27fe82ad");
  await once(out, "close");
  const run = world.start(["sync", "--from", file, "--no-assets"]);
  const memory = watchMemory(run.pid);
  expectCode(await run.done, 0);
  expect(rowsOf(world.home, "select task_id from tracked_tasks where task_id like '0a6ac2ad%'")).toHaveLength(1);
  expect(memory()).toBeLessThan(400e6);
});

test("D55: a million items in one answer: refused in little memory, nothing is mirrored", async () => {
  await using world = await makeWorld({ tasks: 2 });
  world.standIn.fault("api", { kind: "many-items", count: 1_000_000 }, "forever");
  const run = world.start(["sync", "--json"]);
  const memory = watchMemory(run.pid);
  const { code } = await run.done;
  expect(memory()).toBeLessThan(300e6);
  expect([3, 5]).toContain(code);
  expect(rowsOf(world.home, "select id from tasks")).toEqual([]);
  expect(world.problems()).toEqual([]);
});

test("J123: streams a million rows with flat memory", async () => {
  using library = makeLibrary();
  const sql =
    "with recursive n(x) as (select 1 union all select x + 1 from n limit 1000000) select x, 'some text in a row' from n";
  const path = join(library.home, "archive.db");
  const options = {
    path,
    sql,
    maxRows: 0,
    timeMs: 20_000,
    memoryBytes: 512 * MEGABYTE,
    signal: new AbortController().signal,
  };
  await using answer = await runSql(options);
  const before = process.memoryUsage().rss;
  let count = 0;
  let most = 0;
  for await (const _row of answer.rows) if (++count % 10_000 === 0) most = Math.max(most, process.memoryUsage().rss);
  expect(count).toBe(1_000_000);
  expect(most - before).toBeLessThan(120 * MEGABYTE);
});
