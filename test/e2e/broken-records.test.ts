import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { makeRecord, taskIdOf } from "../stand-in/make-record.ts";
import { rowsOf } from "../helpers/archive-copy.ts";
import { expectCode } from "../helpers/expect-code.ts";
import { makeWorld, type World } from "../helpers/world.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000, maxConcurrency: 4 });

const BAD = taskIdOf(2);
const LOCATION = `unreadable/${BAD}.json`;

function lastErrors({ home }: World): unknown[] {
  return rowsOf(home, "select task_id, state, last_error from tracked_tasks where last_error is not null");
}

describe.concurrent("D54: a record that cannot be read", () => {
  test.for([
    ["what is no number in JSON", `{"id":"${BAD}","created_at":NaN,"note":"caf\u00e9 1.0"}`],
    ["a list where an object should be", `{"id":"${BAD}","response":[1.0, "\\u2019"]}`],
    ["a response of plain text", ` {"id":"${BAD}","response":"lost"}`],
  ])("costs nothing else, and its text is kept: %s", async ([, text]) => {
    await using world = await makeWorld({ tasks: 5 });
    world.standIn.records.set(BAD, text!);
    const end = expectCode(await world.mirror("sync", "--json"), 3);
    expect(end.json).toMatchObject({ outcome: "incomplete", tasks: { new: 4, pending: 1 }, requests: 1 });
    expect(end.stderr).toContain(LOCATION);
    expect(readFileSync(join(world.home, LOCATION), "utf8")).toBe(text!.trim());
    expect(statSync(join(world.home, LOCATION)).mode & 0o777).toBe(0o600);
    expect(lastErrors(world)).toEqual([
      { task_id: BAD, state: "pending", last_error: expect.stringContaining(LOCATION) as unknown },
    ]);
    world.standIn.records.set(BAD, makeRecord(2, {}, { assetBase: world.standIn.assetUrl }));
    expectCode(await world.mirror("sync"), 0);
    expect(existsSync(join(world.home, LOCATION))).toBe(false);
    expect(lastErrors(world)).toEqual([]);
    expect(world.problems()).toEqual([]);
  });

  test("keeps the state of a task that is mirrored", async () => {
    await using world = await makeWorld({ tasks: 3 });
    expectCode(await world.mirror("sync"), 0);
    world.standIn.records.set(BAD, `{"id":"${BAD}","created_at":Infinity}`);
    expectCode(await world.mirror("sync", "--refresh", "--json"), 3);
    expect(lastErrors(world)).toMatchObject([{ task_id: BAD, state: "succeeded" }]);
    expect(rowsOf(world.home, "select 1 from task_documents")).toHaveLength(3);
  });
});

describe.concurrent("D62: one record that breaks the text of the whole answer", () => {
  test.for<[string, (world: World) => void]>([
    ["a string that is not closed", ({ standIn }) => void standIn.records.set(BAD, `{"id":"${BAD}","title":"Neon`)],
    [
      "bytes that are no UTF-8",
      ({ standIn }) => {
        const body = Buffer.from('{"items":[{"id":"\xe9"}]}', "latin1");
        standIn.fault({ id: BAD }, { kind: "body", body }, "forever");
      },
    ],
  ])("is found by halving: %s", async ([, damage]) => {
    await using world = await makeWorld({ tasks: 5 });
    damage(world);
    const end = expectCode(await world.mirror("sync", "--no-assets", "--json"), 3);
    expect(end.json).toMatchObject({ outcome: "incomplete", tasks: { new: 4 } });
    expect(lastErrors(world)).toMatchObject([{ task_id: BAD, state: "pending" }]);
    expect(world.problems()).toEqual([]);
  });

  test("when every answer is broken the run ends with 5, and says how it is broken", async () => {
    await using world = await makeWorld({ tasks: 4 });
    world.standIn.fault("api", { kind: "cut-json" }, "forever");
    const end = expectCode(await world.mirror("sync", "--no-assets", "--json"), 5);
    expect(end.json).toMatchObject({ outcome: "failed", tasks: { new: 0 }, error: { exit: 5 } });
    expect(lastErrors(world)).toHaveLength(4);
  });
});
