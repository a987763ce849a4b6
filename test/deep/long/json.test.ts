import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { COMMANDS } from "../../../src/cli/command-table.ts";
import { clipIdOf } from "../../stand-in/make-record.ts";
import { editArchive } from "../../helpers/archive-copy.ts";
import type { Ended } from "../../helpers/program.ts";
import { makeWorld, type World } from "../../helpers/world.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const ID = "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
const CLIP = clipIdOf(0);
const LONG = "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n";

/** Ways to run each command that work on an archive with three songs, one a line. */
const WORKING = lines(`
  track ${ID}
  track ${ID} -n
  untrack ${ID}
  import record.json
  import record.json -n
  sync
  sync -n
  sync --refresh
  sync --no-assets
  sync --assets-only
  status
  tasks
  clips
  ls
  show ${CLIP}
  why ${CLIP}
  lineage ${CLIP}
  history ${CLIP}
  changes
  changes --since 7d
  tag ${CLIP} +calm
  tag -n ${CLIP} +loud -calm
  tag ${CLIP}
  tag --list
  clips --tag calm,!loud
  star ${CLIP}
  unstar -n ${CLIP}
  rate ${CLIP} 4
  clips --starred --min-rating 4 --stacked
  playlist create Night ${CLIP}
  playlist add night ${CLIP} --at 1
  playlist move night 1 2
  playlist remove -n night 2
  playlist show Night
  playlist list
  playlist rename Night Day
  playlist rm day
  key list
  search rain
  search ?!
  stats
  stats --by model
  verify
  verify --full
  backup backups -n
  backup backups
  backup backups --verify
  restore backups -n
  restore backups
  rm -n ${CLIP}
  rm ${CLIP}
  rm --undo ${CLIP}
  config
  doctor
  rebuild -n
  rebuild
`).concat([["sql", "select 1 as one"]]);

/** What needs an archive; none of these makes one. */
const NEEDING = lines(`
  sync
  sync -n
  status
  tasks
  clips
  ls
  show x
  why x
  lineage x
  changes
  history x
  search x
  stats
  untrack ${ID}
  tag x +calm
  tag x
  tag --list
  star x
  unstar x
  rate x 3
  playlist list
  playlist add x y
  verify
  rm x
  backup backups
`).concat([["sql", "select 1"]]);

const WRONG = lines(`
  nonsense
  sync --nonsense
  sync ${ID}
  sync --no-assets --assets-only
  sync --limit x
  sync --max-duration soon
  sync --max-transfer -1
  sync --rate -1
  sync --batch-size 51
  sync --batch-size 0
  sync --concurrency 0
  sync --kinds audio,smell
  sync --api-url http://example.com
  sync --asset-hosts http://x/
  sync --idle-timeout 0
  track
  track nothing
  track --file /nowhere/at/all
  untrack ${ID}
  untrack
  import /nowhere/at/all
  tag
  tag ffffffff +calm
  tag ${CLIP} +calm -CALM
  tag ${CLIP} +a,b
  tag ${CLIP} --loud
  clips --tag ,
  show ffffffff
  changes --since soon
  changes --since 99
  history ffffffff
  why ffffffff
  why
  lineage ffffffff
  lineage
  show
  clips --since yesterday-ish
  clips --sort smell
  clips --format xml
  search
  stats --by smell
  status --max-age old
  sql
`);

/** Commands that are no one-shot, or that talk to services of their own: their tests are beside them. */
const ELSEWHERE = ["watch", "discover", "demo", "export", "serve", "receive", "mcp", "config", "doctor", "completion"];

function lines(text: string): string[][] {
  return text
    .trim()
    .split("\n")
    .map((line) => line.trim().split(" "));
}

/**
 * What is wrong with these commands when each must end with `code`: standard output is one JSON document, its
 * `error.exit` is the exit code and is absent for 0, and nothing looks like a stack trace.
 */
async function flaws(
  world: World,
  code: number,
  commands: string[][],
  env: Record<string, string> = {},
): Promise<string[]> {
  const found: string[] = [];
  for (const line of commands) {
    const flaw = flawOf(await world.mirrorWith({ env }, ...line, "--json"), code);
    if (flaw) found.push(`${line.join(" ")}: ${flaw}`);
  }
  return found;
}

function flawOf(end: Ended, code: number): string | undefined {
  const parsed = parse(end.stdout) as { error?: { code?: unknown; message?: unknown; exit?: unknown } } | undefined;
  if (parsed === undefined) return `no JSON document:\n${end.stdout}\n${end.stderr}`;
  const error = Array.isArray(parsed) ? undefined : parsed.error;
  if (end.code !== code) return `ended with ${end.code}, not ${code}:\n${end.stdout}\n${end.stderr}`;
  if ((error?.exit ?? 0) !== code) return `says ${String(error?.exit)}, ended with ${code}`;
  if (error && !(error.code && error.message)) return "an error without code or message";
  return /\n\s+at .*:\d+:\d+/.test(end.stderr) ? `a stack trace:\n${end.stderr}` : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

async function library(): Promise<World> {
  const world = await makeWorld({ tasks: 3 });
  await world.mirror("sync");
  writeFileSync(join(world.folder, "record.json"), JSON.stringify(world.standIn.records.get(world.ids[0] ?? "")));
  return world;
}

describe("K132: one JSON document, whatever happens", () => {
  test("K132: every command, when it works", async () => {
    await using world = await library();
    const named = new Set([...WORKING.map(([name]) => name), ...ELSEWHERE]);
    expect(COMMANDS.map(({ name }) => name).filter((name) => !named.has(name))).toEqual([]);
    expect(await flaws(world, 0, WORKING)).toEqual([]);
  });

  test("K132: 2: no archive: the absolute path is named, and nothing is made", async () => {
    await using world = await makeWorld({ tracked: false });
    const env = { PRODUCER_MIRROR_HOME: "some/where" };
    expect(await flaws(world, 2, [...NEEDING, ["doctor"]], env)).toEqual([]);
    const end = await world.mirrorWith({ env }, "sync", "--json");
    expect(end.json).toMatchObject({
      error: { code: "no_archive", message: expect.stringContaining(join(world.folder, "some/where")) as unknown },
    });
    expect((await world.mirror("status", "--home", "x")).stderr).toContain(join(world.folder, "x"));
    expect(readdirSync(world.folder)).toEqual([]);
  });

  test("K132: 2: wrong words, wrong flags, wrong values; nothing is asked", async () => {
    await using world = await makeWorld({ tasks: 1 });
    expect(await flaws(world, 2, WRONG)).toEqual([]);
    expect(world.standIn.requests).toHaveLength(0);
  });

  test("K132: 3, 5 and 6 of sync", async () => {
    await using world = await makeWorld({ tasks: 2 });
    world.standIn.fault(/\.m4a/, { kind: "junk", what: "html" }, "forever");
    expect(await flaws(world, 3, lines("sync\nstatus --max-age 1d"))).toEqual([]);
    world.standIn.fault("api", { kind: "status", status: 401 }, "forever");
    expect(await flaws(world, 6, [["sync", "--refresh"]])).toEqual([]);
    expect(await flaws(world, 5, [["sync", "--refresh"]], { PRODUCER_MIRROR_API_URL: "http://127.0.0.1:9" })).toEqual(
      [],
    );
  });

  test("K132: 4: a damaged database", async () => {
    await using world = await library();
    const path = join(world.home, "archive.db");
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 4096, bytes.length);
    writeFileSync(path, bytes);
    expect(await flaws(world, 4, NEEDING)).toEqual([]);
  });

  test("K132: 4: a lost file, found by verify", async () => {
    await using world = await library();
    editArchive(world.home, "update assets set path = 'aa/none.m4a' where kind = 'audio'");
    expect(await flaws(world, 4, [["verify"]])).toEqual([]);
  });

  test("K132: 7: a home below a file", async () => {
    await using world = await makeWorld({ tracked: false });
    writeFileSync(join(world.folder, "file"), "");
    expect(await flaws(world, 7, [["track", ID, "--home", join(world.folder, "file", "below")]])).toEqual([]);
  });

  test("K132: 8: another run", async () => {
    await using world = await makeWorld({ tasks: 1 });
    world.standIn.fault("api", { kind: "hang" }, "forever");
    world.start(["sync"]);
    while (world.standIn.apiRequests().length === 0) await sleep(10);
    expect(await flaws(world, 8, [["sync"], ["watch"]])).toEqual([]);
  });

  test("K132: 9: a newer archive, or something else in its place, which is left as it is", async () => {
    await using world = await library();
    editArchive(world.home, "pragma user_version = 99");
    expect(await flaws(world, 9, NEEDING)).toEqual([]);
    const other = join(world.folder, "other");
    mkdirSync(other);
    for (const content of ["not a database", ""]) {
      writeFileSync(join(other, "archive.db"), content);
      const all = lines(`status\nsync\ntrack ${ID}\nimport record.json`);
      expect(await flaws(world, 9, all, { PRODUCER_MIRROR_HOME: other })).toEqual([]);
      expect(readFileSync(join(other, "archive.db"), "utf8")).toBe(content);
    }
  });

  test("K132: 10: queries that are refused or take too long", async () => {
    await using world = await library();
    const queries = ["drop table tasks", "delete from clips", "attach 'x' as y", LONG];
    expect(
      await flaws(
        world,
        10,
        queries.map((query) => ["sql", query, "--timeout", "1"]),
      ),
    ).toEqual([]);
  });
});
