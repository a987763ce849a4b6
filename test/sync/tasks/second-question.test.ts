import { afterEach, beforeEach, expect, it } from "vitest";
import { ApiError } from "../../../src/api/api-error.ts";
import type { Api, ReceivedRecord } from "../../../src/api/client.ts";
import { createRecordSaver } from "../../../src/archive/records.ts";
import { track } from "../../../src/archive/tracking.ts";
import { openUnreadableStore } from "../../../src/archive/unreadable.ts";
import { readRecord } from "../../../src/record/wire.ts";
import { fetchTasks } from "../../../src/sync/tasks/fetch-tasks.ts";
import { emptyTally } from "../../../src/sync/tally.ts";
import { NOW, rows } from "../../archive/saving.ts";
import { temporaryArchive, type TemporaryArchive } from "../../helpers/temporary-archive.ts";

const HERE = "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
const AWAY = "2a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
const BROKEN = new ApiError("the connection was closed", { followUp: "retry", status: null, code: "network" });

let archive: TemporaryArchive;
beforeEach(() => {
  archive = temporaryArchive();
  track(archive, [HERE, AWAY], { source: "test", now: NOW, explicit: true });
});
afterEach(() => archive[Symbol.dispose]());

function received(...ids: string[]): ReceivedRecord[] {
  return ids.map((id) => {
    const document = JSON.stringify({
      id,
      type: "audios",
      finished_at: 2,
      request: {},
      response: { success: true, data: [] },
    });
    return { document, reading: readRecord(document) };
  });
}

/** Asks for both ids; each answer is a list of records, or the error that is thrown. */
async function ask(...answers: (ReceivedRecord[] | ApiError)[]) {
  const asked: string[][] = [];
  const api = {
    requests: 0,
    fetchTasks: async (ids: string[]) => {
      asked.push(ids);
      const answer = answers[asked.length - 1] ?? [];
      if (answer instanceof ApiError) throw answer;
      return Promise.resolve(answer);
    },
  } as unknown as Api;
  const { db, journal, home } = archive;
  const tally = emptyTally();
  const save = createRecordSaver(db, journal);
  const context = {
    db,
    api,
    save,
    unreadables: openUnreadableStore(home, db),
    tally,
    emit: () => {},
    now: () => NOW,
    signal: new AbortController().signal,
    isTimeUp: () => false,
    stopped: false,
  };
  await fetchTasks(context, [[HERE, AWAY]]);
  const [away] = rows(archive, `select not_seen, last_error from tracked_tasks where task_id = '${AWAY}'`);
  return { asked, away, problems: tally.problems.map(({ exit }) => exit) };
}

it("an id without a record is asked for once more alone, and only then not seen", async () => {
  expect(await ask(received(HERE), [])).toEqual({
    asked: [[HERE, AWAY], [AWAY]],
    away: { not_seen: 1, last_error: null },
    problems: [],
  });
});

it("the second answer may have it", async () => {
  expect(await ask(received(HERE), received(AWAY))).toMatchObject({ away: { not_seen: 0 }, problems: [] });
});

it("a network failure of the second question says nothing about the id: not not seen, and the run is incomplete", async () => {
  expect(await ask(received(HERE), BROKEN)).toMatchObject({
    away: { not_seen: 0, last_error: expect.stringContaining("the connection was closed") },
    problems: [3],
  });
});

it("an answer that the id is unknown is one: it counts as not seen", async () => {
  const absent = new ApiError("not found", { followUp: "absent", status: 404, code: "not_found" });
  expect(await ask(received(HERE), absent)).toMatchObject({ away: { not_seen: 1 }, problems: [] });
});
