import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiError, type ApiFollowUp } from "../../../src/api/api-error.ts";
import type { Api, ReceivedRecord } from "../../../src/api/client.ts";
import { createRecordSaver } from "../../../src/archive/records.ts";
import { track } from "../../../src/archive/tracking.ts";
import { openUnreadableStore, unreadableNames } from "../../../src/archive/unreadable.ts";
import { readRecord } from "../../../src/record/wire.ts";
import type { SyncEvent } from "../../../src/sync/events.ts";
import { fetchTasks, refetchTask } from "../../../src/sync/tasks/fetch-tasks.ts";
import type { TaskContext } from "../../../src/sync/tasks/task-failures.ts";
import { emptyTally } from "../../../src/sync/tally.ts";
import { NOW, rows } from "../../archive/saving.ts";
import { temporaryArchive, type TemporaryArchive } from "../../helpers/temporary-archive.ts";

const id = (n: number) => `1a6ac2ad-10f2-4e2b-b500-${String(n).padStart(12, "0")}`;
const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => id(from + n));

let archive: TemporaryArchive;
let events: SyncEvent[];
beforeEach(() => {
  archive = temporaryArchive();
  events = [];
});
afterEach(() => archive[Symbol.dispose]());

function received(taskId: string, more: object = {}): ReceivedRecord {
  const data = [{ id: taskId.replace("1a", "2d"), state: "succeeded", audio_url: "https://a.example/1" }];
  const document = JSON.stringify({
    id: taskId,
    type: "audios",
    finished_at: 2,
    request: {},
    response: { success: true, data },
    ...more,
  });
  return { document, reading: readRecord(document) };
}

type Failure = {
  followUp: ApiFollowUp;
  status?: number | null;
  code?: string;
  retryAfterSeconds?: number | null;
  tries?: number;
  hint?: string;
};
function failure({ followUp, status = 500, code = "c", retryAfterSeconds = null, tries = 1, hint }: Failure): ApiError {
  return Object.assign(new ApiError("it broke", { followUp, status, code, retryAfterSeconds, hint }), {
    tries,
  });
}
const LOST: Failure = { followUp: "retry", status: null, code: "network" };
const BREAKS: Failure = { followUp: "retry", status: 500 };
const REFUSED_AS_SUCH: Failure = { followUp: "split", status: 400, code: "bad_request" };

type Answer = (ids: string[], request: number) => ReceivedRecord[] | Failure | Promise<ReceivedRecord[] | Failure>;
/** Everything that is asked for is known. */
const all: Answer = (asked) => asked.map((one) => received(one));

/** The same answers, each of which comes when the one before has been dealt with. */
function inOrder(answer: Answer): Answer {
  let last: Promise<unknown> = Promise.resolve();
  return async (wanted, request) => {
    const turn = last.then(() => new Promise((resolve) => setImmediate(resolve)));
    last = turn;
    await turn;
    return answer(wanted, request);
  };
}

/** What is asked of an API that gives these answers, and what fetching needs. */
function asking(answer: Answer, more: Partial<TaskContext> = {}) {
  const asked: string[][] = [];
  const options: unknown[] = [];
  const api = {
    requests: 0,
    fetchTasks: async (wanted: string[], { signal: _signal, ...rest }: { signal: AbortSignal }) => {
      asked.push(wanted);
      options.push(rest);
      const given = await answer(wanted, asked.length);
      if (!Array.isArray(given)) throw failure(given);
      return given;
    },
  } as unknown as Api;
  const { db, journal, home } = archive;
  const context: TaskContext = {
    db,
    api,
    save: createRecordSaver(db, journal),
    unreadables: openUnreadableStore(home, db),
    tally: emptyTally(),
    emit: (event) => void events.push(event),
    now: () => NOW,
    signal: new AbortController().signal,
    isTimeUp: () => false,
    stopped: false,
    ...more,
  };
  return { asked, options, context };
}

async function fetchAll(batches: string[][], answer: Answer, more: Partial<TaskContext> = {}) {
  track(archive, batches.flat(), { source: "test", now: NOW, explicit: true });
  const { asked, options, context } = asking(answer, more);
  context.tally.tasksAsked = batches.flat().length;
  await fetchTasks(context, batches);
  return { asked, options, context, tally: context.tally, problems: context.tally.problems };
}
const tracked = (which: string) =>
  rows(
    archive,
    `select state, attempts, not_seen, last_error, next_check_at from tracked_tasks where task_id = '${which}'`,
  )[0];

describe("fetching batches", () => {
  it("asks for the first alone, then for four at once, and for each once", async () => {
    let [under, most, atFirst] = [0, 0, 0];
    const { asked, tally } = await fetchAll(
      Array.from({ length: 9 }, (_, n) => [id(n)]),
      async (wanted, request) => {
        most = Math.max(most, ++under);
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (request === 1) atFirst = under;
        under--;
        return all(wanted, request);
      },
    );
    expect({ most, atFirst }).toEqual({ most: 4, atFirst: 1 });
    expect(asked.flat().toSorted()).toEqual(ids(0, 9));
    expect(tally).toMatchObject({ tasksNew: 9, batchesAnswered: 9, clipsNew: 9, problems: [] });
  });

  it("counts what is new, what changed and what did not, and tells of what was saved", async () => {
    await fetchAll([ids(0, 3)], all);
    events.length = 0;
    const answer: Answer = () => [
      received(id(0)),
      received(id(1), { more: 1 }),
      received(id(2), { request: { title: "x" } }),
      received(id(3)),
    ];
    const { tally } = await fetchAll([ids(0, 4)], answer);
    expect(tally).toMatchObject({ tasksNew: 1, tasksUpdated: 2, tasksUnchanged: 1, clipsNew: 1, clipsUpdated: 0 });
    expect(tally.assetsAlreadyStored).toBe(0);
    expect(events.map(({ type }) => type)).toEqual(["saved"]);
    expect(events[0]).toMatchObject({ saved: ids(0, 4).map((taskId) => ({ taskId })) });
  });

  it("counts the songs that changed, and the files that are here already", async () => {
    await fetchAll([ids(0, 3)], all);
    archive.db.$client.exec("update assets set state = 'stored', path = '1a/' || id where id < 3");
    const titled = (taskId: string) =>
      received(taskId, {
        response: {
          success: true,
          data: [{ id: taskId.replace("1a", "2d"), state: "succeeded", title: "x", audio_url: "https://a.example/1" }],
        },
      });
    const { tally } = await fetchAll([ids(0, 2), [id(2)]], (wanted) => wanted.map(titled));
    expect(tally).toMatchObject({ tasksUpdated: 3, clipsNew: 0, clipsUpdated: 3, assetsAlreadyStored: 2 });
  });

  it("tells of words that it does not know, and of records that nobody asked for", async () => {
    const odd = received(id(0), {
      type: "audios",
      response: { success: true, data: [{ id: "c", state: "odd", audio_url: "https://a.example/1" }] },
    });
    await fetchAll([[id(0)]], () => [odd, received(id(8)), received(id(9))]);
    expect(events).toContainEqual({ type: "unrequested", count: 2 });
    expect(events).toContainEqual({
      type: "unknownWords",
      taskId: id(0),
      words: expect.arrayContaining([expect.stringContaining("odd")]),
    });
  });

  it("keeps the text of a record that cannot be read, as a failure of that task alone, until it can be read", async () => {
    const bad = received(id(0), { response: [] });
    const { problems } = await fetchAll([ids(0, 2)], () => [bad, received(id(1))]);
    expect(problems).toEqual([
      {
        exit: 3,
        code: "task_failed",
        message: expect.stringMatching(/^unreadable record: .*its text is kept as unreadable\//),
        taskId: id(0),
      },
    ]);
    expect(tracked(id(0))).toMatchObject({ state: "pending", attempts: 1, last_error: problems[0]?.message });
    expect(events).toContainEqual({ type: "taskFailed", ids: [id(0)], message: problems[0]?.message });
    await fetchAll([ids(0, 2)], all);
    expect(unreadableNames(archive.home)).toEqual([]);
  });

  it("begins no batch once the time is up", async () => {
    let done = 0;
    const { asked, problems } = await fetchAll(
      [[id(0)], [id(1)], [id(2)]],
      (wanted, request) => (done++, all(wanted, request)),
      { isTimeUp: () => done > 0 },
    );
    expect(asked).toEqual([[id(0)]]);
    expect(problems).toEqual([
      { exit: 3, code: "time_up", message: "the time of this run is up, ids wait for the next one" },
    ]);
  });

  it("asks nothing when the run was stopped or interrupted before", async () => {
    expect((await fetchAll([[id(0)]], all, { stopped: true })).asked).toEqual([]);
    expect((await fetchAll([[id(0)]], all, { signal: AbortSignal.abort() })).asked).toEqual([]);
  });
});

describe("a batch that fails", () => {
  const four = [ids(0, 2), ids(2, 4), ids(4, 6), ids(6, 8)];

  it("as the first, by the network: the run ends, the API cannot be reached", async () => {
    const { asked, problems } = await fetchAll(four, () => ({ ...LOST, tries: 5 }));
    expect(asked).toHaveLength(1);
    expect(problems.at(-1)).toEqual({
      exit: 5,
      code: "network",
      message: "it broke after 5 tries; 8 ids wait for the next run",
      hint: "run sync again later, it goes on from here",
    });
    expect(events.at(-1)).toMatchObject({ type: "stopped", message: problems.at(-1)?.message });
    expect(tracked(id(0))).toMatchObject({
      state: "pending",
      attempts: 1,
      last_error: "it broke; asked again in the next run",
    });
  });

  it("by the network later: two in a row end the run, one that is answered between them does not", async () => {
    const batches = Array.from({ length: 12 }, (_, n) => [id(n)]);
    const goOn = await fetchAll(
      batches,
      inOrder((wanted, request) => (request % 2 === 0 ? LOST : all(wanted, request))),
    );
    expect([goOn.asked.length, goOn.context.stopped]).toEqual([12, false]);
    const lost = await fetchAll(
      batches,
      inOrder((wanted, request) => (request === 1 ? all(wanted, request) : LOST)),
    );
    expect(lost.problems.find(({ code }) => code === "network")).toMatchObject({
      exit: 3,
      message: "it broke; 11 ids wait for the next run",
    });
    // The first, two that were lost, and three that were under way by then.
    expect(lost.asked).toHaveLength(6);
  });

  /** The first is answered; of the four at once then one is lost, `second` is dealt with, and after it one is lost again. */
  async function betweenTwoLost(second: string[], answer: Answer): Promise<boolean> {
    const { promise: isDone, resolve: done } = Promise.withResolvers<void>();
    const given: Answer = async (wanted, request) => {
      if (wanted.includes(id(1))) return LOST;
      if (wanted.includes(id(2))) return isDone.then(() => LOST);
      if (!wanted.some((one) => second.includes(one))) return all(wanted, request);
      if (wanted.length === 1 && wanted[0] === second.at(-1)) setImmediate(() => setImmediate(done));
      return answer(wanted, request);
    };
    const { context } = await fetchAll([[id(0)], [id(1)], second, [id(2)]], given);
    return context.stopped;
  }

  it.each<[string, boolean, string[], Answer]>([
    [
      "of which one half is answered",
      false,
      ids(4, 6),
      (wanted, n) => (wanted.includes(id(5)) ? BREAKS : all(wanted, n)),
    ],
    ["of which the other is", false, ids(4, 6), (wanted, n) => (wanted.includes(id(4)) ? BREAKS : all(wanted, n))],
    ["of which nothing is answered", true, ids(4, 6), () => BREAKS],
    [
      "that is refused as such, and whose halves are lost",
      false,
      ids(4, 6),
      (wanted) => (wanted.length > 1 ? REFUSED_AS_SUCH : LOST),
    ],
    ["that is refused as such, id by id", false, ids(4, 6), () => REFUSED_AS_SUCH],
    ["of one id, refused as such", false, [id(4)], () => REFUSED_AS_SUCH],
    ["of one id over which the service breaks", true, [id(4)], () => BREAKS],
    ["of one id that is unknown", false, [id(4)], () => ({ followUp: "absent", status: 404 })],
  ])(
    "between two that the network lost, a batch %s: the run is stopped: %s",
    async (_what, isStopped, batch, answer) => {
      expect(await betweenTwoLost(batch, answer)).toBe(isStopped);
    },
  );

  it("of one id: one waits", async () => {
    const { problems } = await fetchAll([[id(0)]], () => LOST);
    expect(problems.at(-1)?.message).toBe("it broke; 1 id waits for the next run");
  });

  it("by a refusal: nothing more is asked, with the hint, once", async () => {
    const refused: Failure = { followUp: "refused", status: 401, code: "invalid_token", hint: "a hint" };
    const { asked, problems } = await fetchAll(four, (wanted, request) =>
      request === 1 ? all(wanted, request) : refused,
    );
    expect(asked.length).toBeLessThanOrEqual(5);
    expect(problems).toEqual([{ exit: 6, code: "invalid_token", message: "it broke", hint: "a hint" }]);
    expect(events.filter(({ type }) => type === "stopped")).toEqual([
      { type: "stopped", message: "it broke", hint: "a hint" },
    ]);
    expect(tracked(id(2))).toMatchObject({ attempts: 0, last_error: null });
  });

  it("by a wait that is too long: the run ends, and no open task is due before", async () => {
    const { problems } = await fetchAll(four, () => ({ followUp: "pause", status: 429, retryAfterSeconds: 600 }));
    const until = NOW + 600_000;
    expect(problems).toMatchObject([
      { exit: 5, message: expect.stringContaining(`; it asks for no request before ${new Date(until).toISOString()}`) },
    ]);
    expect(tracked(id(7))).toMatchObject({ next_check_at: until, attempts: 0 });
  });

  it("by a wait of no stated length: the run ends, and nothing is postponed", async () => {
    const { problems } = await fetchAll(four, () => ({ followUp: "pause", status: 429 }));
    expect(problems).toMatchObject([{ exit: 5, message: "it broke; 8 ids wait for the next run" }]);
    expect(tracked(id(7))).toMatchObject({ next_check_at: null });
  });

  /** Fails whenever this id is asked for. */
  const failsFor =
    (which: string, how: Failure): Answer =>
    (wanted, request) =>
      wanted.includes(which) ? how : all(wanted, request);

  it.each<[string, Failure]>([
    ["a request that is refused as such", { followUp: "split", status: 400, code: "bad_request" }],
    ["a service that breaks over it", { followUp: "retry", status: 500, code: "c" }],
    ["the same with another status", { followUp: "retry", status: 200, code: "api_error" }],
    ["a time-out of the service", { followUp: "retry", status: 200, code: "timeout" }],
    ["an answer that is broken", { followUp: "retry", status: 200, code: "broken_answer" }],
  ])("by %s is halved until the one is alone: all others are saved", async (_what, how) => {
    const { asked, options, tally, problems } = await fetchAll([ids(0, 8)], failsFor(id(5), how));
    expect(tally.tasksNew).toBe(7);
    expect(problems.filter(({ code }) => code === "task_failed")).toEqual([
      { exit: 3, code: "task_failed", message: "it broke", taskId: id(5) },
    ]);
    expect(tracked(id(5))).toMatchObject({ attempts: 1, last_error: "it broke" });
    expect(asked.map((one) => one.length)).toEqual([8, 4, 4, 2, 1, 1, 2]);
    expect(options).toEqual([{}, ...Array.from({ length: 6 }, () => ({ tries: 3 }))]);
  });

  it.each<[string, Failure]>([
    ["a status below 500 and another code", { followUp: "retry", status: 408, code: "c" }],
    ["no answer at all", { followUp: "retry", status: null, code: "api_error" }],
  ])("by %s is not halved", async (_what, how) => {
    expect((await fetchAll([ids(0, 8)], () => how)).asked).toHaveLength(1);
  });

  it("by a service that breaks over all ids: no batch was answered", async () => {
    const { problems, tally } = await fetchAll([ids(0, 2)], () => ({ followUp: "retry", status: 500 }));
    expect(tally.batchesAnswered).toBe(0);
    expect(problems.at(-1)).toMatchObject({ exit: 5 });
  });

  it("by requests that are all refused as such: the API can be reached, and the run goes on", async () => {
    const how: Failure = { followUp: "split", status: 400, code: "bad_request" };
    const { context } = await fetchAll([[id(0)], [id(1)]], (wanted, request) =>
      request === 1 ? all(wanted, request) : how,
    );
    expect(context.stopped).toBe(false);
    expect(tracked(id(1))).toMatchObject({ last_error: "it broke" });
  });

  it("by an id that is unknown: halved, then that one is asked for once more, and only then not seen", async () => {
    const how: Failure = { followUp: "absent", status: 404 };
    const { asked, tally, problems } = await fetchAll([ids(0, 2)], failsFor(id(1), how));
    expect(asked).toEqual([ids(0, 2), [id(0)], [id(1)], [id(1)]]);
    expect(tally).toMatchObject({ batchesAnswered: 2, tasksNew: 1 });
    expect(problems).toEqual([]);
    expect(tracked(id(1))).toMatchObject({ not_seen: 1, attempts: 1, last_error: null });
    expect(events.at(-1)).toEqual({ type: "notSeen", ids: [id(1)] });
  });

  it("by an interrupt: nothing of it is recorded, and what comes later is not asked for", async () => {
    const stop = new AbortController();
    const { asked, problems } = await fetchAll(four, () => (stop.abort(), LOST), { signal: stop.signal });
    expect({ asked: asked.length, problems }).toEqual({ asked: 1, problems: [] });
    expect(tracked(id(0))).toMatchObject({ attempts: 0, last_error: null });
  });

  it("by an interrupt of the second question: nothing of it is recorded", async () => {
    const stop = new AbortController();
    const answer: Answer = (_wanted, request) => (request === 1 ? [] : (stop.abort(), LOST));
    await fetchAll([[id(0)]], answer, { signal: stop.signal });
    expect(tracked(id(0))).toMatchObject({ attempts: 0, not_seen: 0, last_error: null });
  });

  it("by anything else that is thrown: that is a bug, and ends the run", async () => {
    const broken: Answer = () => {
      throw new TypeError("a bug");
    };
    await expect(fetchAll([[id(0)]], broken)).rejects.toThrow("a bug");
    await expect(fetchAll([[id(0)]], (_wanted, request) => (request === 1 ? [] : broken([], 2)))).rejects.toThrow(
      "a bug",
    );
  });
});

describe("the second question", () => {
  it("is not asked when the run was stopped meanwhile: then nothing says that they are unknown", async () => {
    const { context, asked } = asking(() => ((context.stopped = true), []));
    track(archive, [id(0)], { source: "test", now: NOW, explicit: true });
    await fetchTasks(context, [[id(0)]]);
    expect(asked).toHaveLength(1);
    expect(tracked(id(0))).toMatchObject({ not_seen: 0, attempts: 0 });
  });

  it("counts only those as not seen that it did not bring either", async () => {
    const { tally } = await fetchAll([ids(0, 3)], (_wanted, request) =>
      request === 1 ? [received(id(0))] : [received(id(1))],
    );
    expect(tally.tasksNew).toBe(2);
    expect([0, 1, 2].map((n) => tracked(id(n))?.["not_seen"])).toEqual([0, 0, 1]);
    expect(events.at(-1)).toEqual({ type: "notSeen", ids: [id(2)] });
  });

  it("that brings all tells of none", async () => {
    await fetchAll([ids(0, 2)], (wanted, request) => (request === 1 ? [] : all(wanted, request)));
    expect(events.map(({ type }) => type)).toEqual(["saved", "saved"]);
  });
});

describe("asking for one task again, for a fresh URL", () => {
  const again = async (answer: Answer, more: Partial<TaskContext> = {}) => {
    track(archive, [id(0)], { source: "test", now: NOW, explicit: true });
    const { asked, options, context } = asking(answer, more);
    return { isAnswered: await refetchTask(context, id(0)), asked, options, context };
  };
  const urls = () => rows(archive, "select url from assets").map(({ url }) => url);

  it("saves what came, in two tries", async () => {
    const { isAnswered, options } = await again(all);
    expect({ isAnswered, options, urls: urls() }).toEqual({
      isAnswered: true,
      options: [{ tries: 2 }],
      urls: ["https://a.example/1"],
    });
  });

  it("an answer without the task is one", async () => {
    expect((await again(() => [])).isAnswered).toBe(true);
    expect((await again(() => ({ followUp: "absent", status: 404 }))).isAnswered).toBe(true);
    expect(urls()).toEqual([]);
  });

  it.each<[string, Failure]>([
    ["a network failure", LOST],
    ["a wait that is too long", { followUp: "pause" }],
    ["a request that is refused as such", { followUp: "split", status: 400 }],
  ])("%s is none, and ends nothing", async (_what, how) => {
    const { isAnswered, context } = await again(() => how);
    expect([isAnswered, context.stopped, context.tally.problems]).toEqual([false, false, []]);
  });

  it("a refusal is none, and ends all questions of the run", async () => {
    const { isAnswered, context } = await again(() => ({ followUp: "refused", status: 401, code: "invalid_token" }));
    expect([isAnswered, context.stopped]).toEqual([false, true]);
    expect(context.tally.problems).toMatchObject([{ exit: 6, code: "invalid_token" }]);
  });

  it("is not done in a run that was stopped or interrupted", async () => {
    for (const more of [{ stopped: true }, { signal: AbortSignal.abort() }]) {
      const { isAnswered, asked } = await again(all, more);
      expect([isAnswered, asked]).toEqual([false, []]);
    }
  });

  it("throws what is a bug", async () => {
    await expect(
      again(() => {
        throw new TypeError("a bug");
      }),
    ).rejects.toThrow("a bug");
  });
});
