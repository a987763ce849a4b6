import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import Sqlite from "better-sqlite3";
import { expect, test, vi } from "vitest";
import { SCHEMA_VERSION } from "../../../src/db/version.ts";
import { withCopy } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { SEED } from "../../helpers/seeded.ts";
import { makeWorld } from "../../helpers/world.ts";
import { claim } from "./claim.ts";
import { countCalls, mayTrace, NO_STRACE, underInjection, underTrace } from "../calls/injection.ts";
import { movingPoint } from "../calls/moving-point.ts";

vi.setConfig({ testTimeout: 1_800_000 });

const STRIDE = 37;
const CALLS = ["pwrite64", "write", "fsync", "fdatasync", "ftruncate", "unlink", "rename", "chmod"];
const FIXTURES = join(import.meta.dirname, "../../fixtures/archives");
const COPY = `archive.db.before-schema-${SCHEMA_VERSION}`;

/** Opens the archive for writing and finds nothing to do (2). What only reads leaves a schema that it can read. */
const WRITER = ["untrack", "1a6ac2ad-10f2-4e2b-b500-66ec27fe82a1"];

type Contents = { version: unknown; sound: unknown; schema: unknown[]; rows: Record<string, unknown[]> };

test.for(Array.from({ length: SCHEMA_VERSION - 1 }, (_, n) => n + 1))(
  `A3: SIGKILL before each system call of the migration from schema %i: the old archive or the new one, and a copy of the old (seed ${SEED})`,
  async (schema, ctx) => {
    ctx.skip(!mayTrace(), NO_STRACE);
    await using world = await makeWorld({ tasks: 0, tracked: false });
    const { home } = world;
    const startOver = () => {
      rmSync(home, { recursive: true, force: true });
      mkdirSync(home, { mode: 0o700 });
      copyFileSync(join(FIXTURES, `schema-${schema}.db`), join(home, "archive.db"));
      const db = new Sqlite(join(home, "archive.db"));
      db.pragma("journal_mode = wal");
      db.close();
    };
    startOver();
    const old = contents(home);
    const log = join(world.folder, "calls.log");
    const paths = migrationPaths(home);
    expectCode(await world.mirrorWith(underTrace(log, CALLS, paths), ...WRITER), 2);
    const migrated = contents(home);
    expect([old.version, migrated.version, migrated.sound]).toEqual([schema, SCHEMA_VERSION, "ok"]);

    const { points, of, reached } = movingPoint(countCalls(log, CALLS), STRIDE);
    let kills = 0;
    const met = { old: 0, new: 0 };
    for (const point of points) {
      const moment = { seed: SEED, schema, ...point };
      startOver();
      const run = await world.mirrorWith(underInjection({ ...point, paths, effect: "signal=SIGKILL" }), ...WRITER);
      if (run.signal === "SIGKILL") kills += reached(point);
      else claim(run.code === 2, "ends well when nothing hits it", { ...moment, code: run.code, stderr: run.stderr });
      const left = contents(home);
      const isNew = left.version === SCHEMA_VERSION;
      met[isNew ? "new" : "old"]++;
      expect({ ...moment, ...left }).toEqual({ ...moment, ...(isNew ? migrated : old) });
      expectCopy(home, old, isNew);
      expectCode(await world.mirror("status"), 0);
      expectCode(await world.mirror(...WRITER), 2);
      expect({ ...moment, ...contents(home) }).toEqual({ ...moment, ...migrated });
      expectCopy(home, old, true);
      expect(readdirSync(home).filter((name) => name.includes(".new"))).toEqual([]);
    }
    console.log(
      `A3: from schema ${schema}: killed at ${kills} of ${of} system calls, ${met.old} times old, ${met.new} new`,
    );
    expect(met.old).toBeGreaterThan(0);
  },
);

/** Under its final name the copy is whole; once the archive is new, it is there. */
function expectCopy(home: string, old: Contents, must: boolean): void {
  const path = join(home, COPY);
  if (!existsSync(path)) return claim(!must, "has no copy of the old archive", { home });
  const db = new Sqlite(path, { readonly: true });
  const copy = read(db);
  db.close();
  claim(isDeepStrictEqual(copy, old), "has a copy that is not the old archive", { home });
}

function contents(home: string): Contents {
  return withCopy(home, read);
}

function read(db: Sqlite.Database): Contents {
  const names = db
    .prepare(
      "select name from sqlite_schema where type = 'table' and name not like '%fts%' and name <> 'sqlite_sequence'",
    )
    .pluck()
    .all() as string[];
  return {
    version: db.pragma("user_version", { simple: true }),
    sound: db.pragma("integrity_check", { simple: true }),
    schema: db.prepare("select type, name, sql from sqlite_schema order by 1, 2").all(),
    rows: Object.fromEntries(names.map((name) => [name, db.prepare(`select * from "${name}"`).all()])),
  };
}

function migrationPaths(home: string): string[] {
  const databases = ["archive.db", `${COPY}.new`, COPY, "lock.db"];
  const files = databases.flatMap((name) => ["", "-wal", "-shm", "-journal"].map((suffix) => name + suffix));
  return [home, ...[...files, "lock.json"].map((name) => join(home, name))];
}
