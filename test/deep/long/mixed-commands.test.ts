import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { seededRandom } from "../../helpers/seeded.ts";
import { makeWorld, type World } from "../../helpers/world.ts";

vi.setConfig({ testTimeout: 3_600_000, hookTimeout: 120_000 });

/** 200 rounds take about twenty minutes. */
const ROUNDS = Number(process.env["MIRROR_MIX_ROUNDS"] ?? 6);
const SEED = Number(process.env["MIRROR_MIX_SEED"] ?? 20261129);
const COMMANDS = 20;

/** A command, and what is so once it has ended with 0: a query, and the value that it then finds. */
type Planned = { words: string[]; query?: string; value?: unknown };

let world: World;

beforeAll(async () => {
  world = await makeWorld({ tasks: 24 });
  expectCode(await world.mirror("sync"), 0);
});

afterAll(() => world[Symbol.asyncDispose]());

const uuid = (round: number, number: number) =>
  `${String(round).padStart(8, "0")}-${String(number).padStart(4, "0")}-4000-8000-000000000000`;
const clips = (where: string) =>
  rowsOf(world.home, `select id from clips where purged_at is null and ${where} order by id`).map(({ id }) =>
    String(id),
  );
const known = () =>
  rowsOf(world.home, "select task_id as id from tracked_tasks where untracked_at is null order by 1").map(({ id }) =>
    String(id),
  );

/** Short writers, each with a song or id of its own, so that no other command of the round undoes what it says. */
function shortWriters(round: number, random: () => number): Planned[] {
  const songs = clips("removed_at is null");
  const removed = clips("removed_at is not null");
  const ids = known();
  const take = (from: string[]) => from.splice(Math.floor(random() * from.length), 1)[0];
  const planned: Planned[] = [];
  for (let number = 0; planned.length < COMMANDS - 5; number++) {
    const kind = Math.floor(random() * 7);
    if (kind <= 1) planned.push(trackOne(uuid(round, number)));
    else if (kind === 2) planned.push(importOne(uuid(round, number)));
    else if (kind === 3) planned.push(...[take(ids)].filter((id) => id !== undefined).map(untrackOne));
    else if (kind <= 5) planned.push(...[take(songs)].filter((id) => id !== undefined).map((id) => tagOne(id, round)));
    else if (removed.length > 0 && random() < 0.5)
      planned.push(...[take(removed)].filter((id) => id !== undefined).map(undoOne));
    else planned.push(...[take(songs)].filter((id) => id !== undefined).map(removeOne));
  }
  return planned;
}

const count = (table: string, where: string) => `select count(*) as value from ${table} where ${where}`;
const trackOne = (id: string): Planned => ({
  words: ["track", id],
  query: count("tracked_tasks", `task_id = '${id}' and untracked_at is null`),
  value: 1,
});
const untrackOne = (id: string): Planned => ({
  words: ["untrack", id],
  query: count("tracked_tasks", `task_id = '${id}' and untracked_at is not null`),
  value: 1,
});
const tagOne = (id: string, round: number): Planned => ({
  words: ["tag", id, `+round ${round}`],
  query: count("clip_tags", `clip_id = '${id}' and tag = 'round ${round}'`),
  value: 1,
});
const removeOne = (id: string): Planned => ({
  words: ["rm", id],
  query: count("clips", `id = '${id}' and removed_at is not null`),
  value: 1,
});
const undoOne = (id: string): Planned => ({
  words: ["rm", "--undo", id],
  query: count("clips", `id = '${id}' and removed_at is null`),
  value: 1,
});

function importOne(id: string): Planned {
  const path = join(world.folder, `${id}.json`);
  const data = [{ id: id.replace(/^0/, "a"), title: `Import ${id}`, state: "succeeded" }];
  writeFileSync(
    path,
    JSON.stringify({ id, type: "audios", request: { action: "generate" }, response: { success: true, data } }),
  );
  return { words: ["import", path], query: count("task_documents", `task_id = '${id}'`), value: 1 };
}

/** Long commands that the short ones run beside. */
const LONG: string[][] = [
  ["rebuild"],
  ["rebuild"],
  ["restore", "copy"],
  ["sync", "--refresh"],
  ["verify", "--full"],
  ["verify", "--full", "--repair"],
  ["backup", "others"],
  ["search", "--rebuild-index"],
];

test(`what ended with 0 is so, in ${ROUNDS} rounds of ${COMMANDS} commands at once (seed ${SEED})`, async () => {
  const random = seededRandom(SEED);
  const ended: Record<string, number> = {};
  for (let round = 1; round <= ROUNDS; round++) {
    expectCode(await world.mirror("backup", "copy", "--keep", "1"), 0);
    const planned = [
      ...shortWriters(round, random),
      ...Array.from({ length: 5 }, () => ({ words: LONG[Math.floor(random() * LONG.length)]! })),
    ];
    // In some rounds a restore is well on its way before anybody writes, else it always finds something newer.
    const start = random() < 0.4 ? 250 : 0;
    const runs = planned.map(async (command) => {
      await sleep("query" in command ? start + random() * 1000 : random() * 1000 * (start > 0 ? 0.3 : 1));
      return { command, end: await world.start(command.words).done };
    });
    const wrong: unknown[] = [];
    for (const { command, end } of await Promise.all(runs)) {
      const { words, query, value } = command as Planned;
      const key = `${words[0]} ${end.code}`;
      ended[key] = (ended[key] ?? 0) + 1;
      if (![0, 3, 7, 8].includes(end.code ?? -1)) wrong.push({ round, words, code: end.code, stderr: end.stderr });
      const found = query === undefined ? undefined : rowsOf(world.home, query)[0]?.["value"];
      if (end.code === 0 && found !== value) wrong.push({ round, words, found, value });
    }
    expect(wrong).toEqual([]);
    const checked = await world.mirror("verify", "--full");
    expect({ round, code: checked.code, stdout: checked.stdout }).toMatchObject({ round, code: 0 });
  }
  const counts = Object.entries(ended).map(([what, times]) => `${what}: ${times}`);
  console.log(counts.toSorted((one, other) => one.localeCompare(other)).join(" · "));
});
