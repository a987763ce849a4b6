import { expect, it } from "vitest";
import { countDue, dueTaskIds } from "../../src/archive/due.ts";
import { track } from "../../src/archive/tracking.ts";
import { ASSET_KINDS } from "../../src/lib/asset-kinds.ts";
import { nextDue } from "../../src/query/stats/problems.ts";
import { temporaryArchive } from "../helpers/temporary-archive.ts";
import { makeRecord } from "../stand-in/make-record.ts";
import { NOW, saveAll } from "./saving.ts";

const DAY = 24 * 3600_000;
const ID = "6a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";

it.each([
  ["a moment ago", -1, true],
  ["now", 0, true],
  ["in a minute", 60_000, false],
  ["in a day, the longest plan", DAY, false],
  ["in more than a day: by a clock that was ahead", DAY + 1, true],
  ["in a year", 365 * DAY, true],
  ["in the year 57967", 1.7e15, true],
])("28: what is planned for %s is due by schedule: %s", (_what, ms, due) => {
  using archive = temporaryArchive();
  track(archive, [ID], { source: "test", now: NOW, explicit: true });
  saveAll(archive, [makeRecord(1)]);
  archive.db.$client.exec(`update tracked_tasks set attempts = 1, next_check_at = ${NOW + ms} where state = 'pending';
    update assets set state = 'failed', next_attempt_at = ${NOW + ms} where kind = 'audio'; delete from assets where kind <> 'audio'`);
  expect(dueTaskIds(archive.db, { scheduledFor: NOW })).toEqual(due ? [ID] : []);
  expect(countDue(archive.db, { kinds: [...ASSET_KINDS], now: NOW, scheduledFor: NOW }).audio ?? 0).toBe(Number(due));
  const next = nextDue(archive.db, [...ASSET_KINDS], NOW);
  expect(next).toMatchObject({
    tasksDue: Number(due),
    filesDue: Number(due),
    nextAt: due ? null : new Date(NOW + ms).toISOString(),
  });
});

it.each([
  [30 * DAY, false],
  [30 * DAY + 1, true],
  [-1, true],
])("28: a gone file that is planned for %d ms from now is looked at: %s", (ms, due) => {
  using archive = temporaryArchive();
  saveAll(archive, [makeRecord(1)]);
  archive.db.$client.exec(`update assets set state = 'gone', next_attempt_at = ${NOW + ms}`);
  expect(countDue(archive.db, { kinds: ["audio"], now: NOW }).audio ?? 0).toBe(Number(due));
});
