import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { makeWorld, type World } from "../../helpers/world.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const titles = (world: World, id: string) =>
  rowsOf(world.home, `select title from clips where task_id = '${id}' order by id`).map(({ title }) => title);
const journalLines = (world: World) =>
  readdirSync(join(world.home, "journal")).flatMap((name) =>
    readFileSync(join(world.home, "journal", name), "utf8")
      .trimEnd()
      .split("\n"),
  ).length;

/** The service has another title from now on. */
function retitle(world: World, id: string, title: string): void {
  const record = structuredClone(world.standIn.records.get(id)) as { response: { data: { title: string }[] } };
  record.response.data[0]!.title = title;
  world.standIn.records.set(id, record);
}

test("67: an older saved record stays older at every run, and writes one line at most", async () => {
  await using world = await makeWorld({ tasks: 2 });
  const [id = ""] = world.ids;
  const file = join(world.folder, "saved.json");
  const env = { PRODUCER_MIRROR_FROM: file };
  writeFileSync(file, JSON.stringify({ items: [world.standIn.records.get(id)] }));
  retitle(world, id, "Newer");
  expectCode(await world.mirror("sync"), 0);
  expect(titles(world, id)).toEqual(["Newer"]);
  expectCode(await world.mirrorWith({ env }, "sync", "--refresh"), 0);
  const lines = journalLines(world);
  for (let run = 0; run < 3; run++) expectCode(await world.mirrorWith({ env }, "sync", "--refresh"), 0);
  expect(titles(world, id)).toEqual(["Newer"]);
  expect(journalLines(world)).toBe(lines);
  expect(rowsOf(world.home, `select version from task_documents where task_id = '${id}'`)).toHaveLength(2);
  expectCode(await world.mirror("verify", "--full"), 0);
  // Named now, it is what the person wants.
  expectCode(await world.mirror("import", file), 0);
  expect(titles(world, id)).not.toEqual(["Newer"]);
  expectCode(await world.mirror("verify", "--full"), 0);
});

test("67: a file that is missing or no file costs its own ids: the run goes on, and ends with 3", async () => {
  await using world = await makeWorld({ tasks: 2 });
  const good = join(world.folder, "good.txt");
  writeFileSync(good, "0a6ac2ad-10f2-4e2b-b500-66ec27fe82ad\n");
  const missing = join(world.folder, "no such file");
  const end = expectCode(await world.mirror("sync", "--from", missing, world.folder, good, "--json"), 3);
  expect(end.stderr).toContain(`no such file: ${missing}`);
  expect(end.json).toMatchObject({ outcome: "incomplete", assets: { stored: 4 } });
  expect(rowsOf(world.home, "select count(*) as count from tracked_tasks")).toEqual([{ count: 3 }]);
});
