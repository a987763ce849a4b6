import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { expect, test, vi } from "vitest";
import { runCommand } from "../../cli/run-command.ts";
import { editArchive } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { digestTree } from "../../helpers/folder-tree.ts";
import { nightly } from "../../helpers/nightly.ts";
import { SEED, seededRandom } from "../../helpers/seeded.ts";
import { makeWorld, TOKEN } from "../../helpers/world.ts";
import { damage } from "./damage.ts";

vi.setConfig({ testTimeout: 1_800_000 });

const ROUNDS = nightly(36, 500);
const READING = [["status"], ["clips"], ["search", "the"], ["verify"]];
/** Nobody listens there: what a sync does before it asks. */
const DEAD = {
  ACEDATACLOUD_API_TOKEN: TOKEN,
  PRODUCER_MIRROR_API_URL: "http://127.0.0.1:9",
  PRODUCER_MIRROR_RATE: "0",
};

test(`B27: ${ROUNDS} damaged databases: every command ends well or says that it is damaged, fast, and reading writes nothing (seed ${SEED})`, async () => {
  await using world = await makeWorld({ tasks: 20 });
  expectCode(await world.mirror("sync"), 0);
  editArchive(world.home, "pragma wal_checkpoint(truncate)");
  // The first of each loads its code, which is not what is timed.
  for (const command of READING) await runCommand(world.home, [...command, "--json"], DEAD);
  const whole = readFileSync(join(world.home, "archive.db"));
  const random = seededRandom(SEED);
  const ends: Record<string, number> = {};
  const violations: object[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { what, bytes } = damage(whole, round, random);
    const home = join(world.folder, "damaged");
    for (const command of [...READING, ["sync", "--no-progress"]]) {
      if (command[0] === "status" || command[0] === "sync") {
        rmSync(home, { recursive: true, force: true });
        cpSync(world.home, home, { recursive: true });
        writeFileSync(join(home, "archive.db"), bytes);
      }
      const moment = { seed: SEED, round, what, command: command.join(" ") };
      const before = digestTree(home, isQuarantined);
      const started = performance.now();
      const { exitCode, stdout, stderr } = await runCommand(home, [...command, "--json"], DEAD);
      const ms = performance.now() - started;
      const end = `${command[0]} ${exitCode}`;
      ends[end] = (ends[end] ?? 0) + 1;
      const message = exitCode === 0 ? "" : errorOf(stdout);
      const isBroken = command[0] !== "sync" && isStructural(bytes, world.folder);
      const isSame = JSON.stringify(digestTree(home, isQuarantined)) === JSON.stringify(before);
      const wrong = [
        allowed(command[0], exitCode, message) ? "" : `ended with ${exitCode}`,
        /\bat .*\.ts:|SQLITE_/.test(stderr) ? "shows its insides" : "",
        ms < 5000 ? "" : `took ${ms} ms`,
        isBroken && command[0] === "verify" && exitCode === 0 ? "passed it" : "",
        isBroken && command[0] !== "verify" && !isSame ? "wrote to it" : "",
      ].filter((text) => text !== "");
      if (wrong.length > 0) violations.push({ ...moment, wrong, message, stderr });
    }
  }
  console.log(`B27: ${JSON.stringify(ends)} (seed ${SEED})`);
  expect(violations).toEqual([]);
});

/** Damage that a command does not meet is none to it; a sync without a service is 5, one that misses files is 3. */
function allowed(command: string | undefined, code: number, message: string): boolean {
  if (code === 0) return true;
  if (code === 4) return message.startsWith("the database is damaged") || command === "verify";
  if (code === 9) return /not a producer-mirror archive|newer producer-mirror/.test(message);
  // A changed digit of the archive's id is another id.
  if (code === 7) return message.startsWith("the assets folder does not belong to this archive");
  return command === "sync" && (code === 3 || code === 5);
}

function errorOf(stdout: string): string {
  return (JSON.parse(stdout) as { error?: { message: string } }).error?.message ?? "";
}

/** A changed letter of a text is not seen by SQLite; views that it is in are made again by whoever opens. */
function isStructural(bytes: Buffer, folder: string): boolean {
  const path = join(folder, "looked-at.db");
  writeFileSync(path, bytes);
  try {
    const db = new Sqlite(path, { readonly: true });
    const found: unknown = db.pragma("quick_check(1)", { simple: true });
    db.close();
    return found !== "ok";
  } catch {
    return true;
  }
}

/** Made and removed by opening. */
function isQuarantined(path: string): boolean {
  return /^lock|-(wal|shm)$/.test(path);
}
