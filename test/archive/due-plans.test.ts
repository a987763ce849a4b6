import { afterEach, beforeEach, expect, it } from "vitest";
import { dueAssets, storedFiles } from "../../src/archive/due.ts";
import { ASSET_KINDS } from "../../src/lib/asset-kinds.ts";
import { temporaryArchive, type TemporaryArchive } from "../helpers/temporary-archive.ts";
import { makeRecord } from "../stand-in/make-record.ts";
import { saveAll } from "./saving.ts";

let archive: TemporaryArchive;
beforeEach(() => void (archive = temporaryArchive()));
afterEach(() => archive[Symbol.dispose]());

/** How SQLite would run each statement that `work` prepares. */
function plansOf(work: () => void): string[] {
  const { $client: client } = archive.db;
  const prepare = client.prepare.bind(client);
  const texts: string[] = [];
  client.prepare = (text: string) => (texts.push(text), prepare(text));
  work();
  return texts.map((text) =>
    prepare<unknown[], { detail: string }>(`explain query plan ${text}`)
      .all(Array.from(text.matchAll(/\?/g), () => 1))
      .map(({ detail }) => detail)
      .join("; "),
  );
}

const due = { kinds: [...ASSET_KINDS], now: 0 };

it.each([
  ["due", () => dueAssets(archive.db, due, "audio", 0, 64)],
  ["due again", () => dueAssets(archive.db, { ...due, refresh: true }, "audio", 0, 64)],
  ["due by schedule", () => dueAssets(archive.db, { ...due, scheduledFor: 0 }, "audio", 0, 64)],
  ["stored", () => storedFiles(archive.db, due, 0, 500)],
])("files that are %s are walked by id, a piece at a time, never sorted", (_what, work) => {
  saveAll(archive, [makeRecord(1)]);
  const plans = plansOf(work);
  expect(plans.some((plan) => plan.includes("USING INTEGER PRIMARY KEY (rowid>?)"))).toBe(true);
  expect(plans.filter((plan) => plan.includes("ORDER BY"))).toEqual([]);
});
