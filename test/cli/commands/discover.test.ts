import { describe, expect, test } from "vitest";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { makeWorld, type World } from "../../helpers/world.ts";
import { createArchive } from "../../../src/db/archive-file.ts";
import { makeRecord } from "../../stand-in/make-record.ts";
import { USER_ID } from "../../../src/demo/library/record-shape.ts";
import type { DemoLibrary } from "../../../src/demo/library/library-types.ts";

const OTHER = "00000000-0000-4000-8000-00000000beef";

/** `mine` songs of one account, then one of another. */
function library(mine: number, assetBase: string): DemoLibrary {
  const record = (n: number) => makeRecord(n, n < mine ? {} : { user_id: OTHER }, { assetBase });
  return { size: mine + 1, id: (n) => record(n).id, value: record, unknownIds: [] };
}

async function world(mine: number, tracked: number[]): Promise<World> {
  const made = await makeWorld({ library: (base) => library(mine, base), tracked: false });
  await made.mirror("track", ...tracked.map((n) => made.ids[n]!));
  return made;
}

describe("discover", () => {
  test("one known id leads to the rest; sync brings them", async () => {
    await using my = await world(60, [0]);
    const before = await my.mirror("discover", "--json");
    expect(before.code).toBe(2);
    expect(before.json).toMatchObject({
      error: { code: "no_account", hint: expect.stringContaining("sync") as string },
    });
    expect((await my.mirror("sync", "--no-assets")).code).toBe(0);
    my.standIn.reset();
    const dry = await my.mirrorWith({ env: { ACEDATACLOUD_API_TOKEN: "" } }, "discover", "--dry-run", "--json");
    expect(dry.json).toMatchObject({
      dryRun: true,
      account: USER_ID,
      filter: { user_id: USER_ID, type: "audios", limit: 50 },
    });
    expect(my.standIn.requests).toEqual([]);
    const found = await my.mirror("discover", "--json");
    expect(found).toMatchObject({ code: 0 });
    expect(found.json).toMatchObject({
      experimental: true,
      account: USER_ID,
      found: 60,
      added: 59,
      alreadyTracked: 1,
      dropped: 0,
    });
    const again = await my.mirror("discover");
    expect(again.stdout.split("\n")[0]).toBe(my.home);
    expect(again.stdout).toContain("experimental: 60 tasks");
    my.standIn.reset();
    const sync = await my.mirror("sync", "--no-assets", "--json");
    expect(sync.json).toMatchObject({ tasks: { asked: 59, new: 59 } });
    expect(rowsOf(my.home, "select distinct user_id from tasks")).toEqual([{ user_id: USER_ID }]);
    expect(my.problems()).toEqual([]);
  });

  test("with two accounts in the archive it asks which is mine, and takes none that is not here", async () => {
    await using my = await world(3, [0, 3]);
    expect((await my.mirror("sync", "--no-assets")).code).toBe(0);
    my.standIn.reset();
    const which = await my.mirror("discover");
    expect(which.code).toBe(2);
    expect(which.stderr).toContain(USER_ID);
    expect(which.stderr).toContain(OTHER);
    expect((await my.mirror("discover", "--account", "00000000-0000-4000-8000-000000000000")).code).toBe(2);
    expect(my.standIn.requests).toEqual([]);
    const mine = await my.mirror("discover", "--account", USER_ID, "--json");
    expect(mine.json).toMatchObject({ found: 3, added: 2 });
  });

  test("the help says that it is experimental; without a token it asks nothing", async () => {
    await using my = await world(1, [0]);
    expect((await my.mirror("discover", "--help")).stdout).toMatch(/experimental/i);
    expect((await my.mirror("sync", "--no-assets")).code).toBe(0);
    my.standIn.reset();
    expect((await my.mirrorWith({ env: { ACEDATACLOUD_API_TOKEN: "" } }, "discover")).code).toBe(2);
    expect((await my.mirror("discover", "--since", "someday")).code).toBe(2);
    expect(my.standIn.requests).toEqual([]);
  });

  test("the archive of the demo is refused", async () => {
    await using my = await makeWorld({ tracked: false });
    createArchive(my.home, "demo");
    const { code, stderr } = await my.mirror("discover");
    expect(code).toBe(2);
    expect(stderr).toContain("demo");
    expect(my.standIn.requests).toEqual([]);
  });

  test("what is recognised is reported in one line, with the exit code of its kind", async () => {
    await using my = await world(20, [0]);
    expect((await my.mirror("sync", "--no-assets")).code).toBe(0);
    my.standIn.fault("api", { kind: "status", status: 400, message: "ids is required." }, "forever");
    const refused = await my.mirror("discover");
    expect(refused.code).toBe(6);
    expect(refused.stderr).toContain("refuses the filters");
    expect((await my.mirror("discover", "--json")).json).toMatchObject({ found: 0, error: { exit: 6 } });
    expect(rowsOf(my.home, "select task_id from tracked_tasks")).toHaveLength(1);
  });

  test("Ctrl-C keeps what was found", async () => {
    await using my = await world(200, [0]);
    expect((await my.mirror("sync", "--no-assets")).code).toBe(0);
    my.standIn.reset();
    my.standIn.fault("api", [{ kind: "none" }, { kind: "none" }, { kind: "hang" }]);
    const child = my.start(["discover", "--json"]);
    while (my.standIn.apiRequests().length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill("SIGINT");
    const { code, json } = await child.done;
    expect(code).toBe(130);
    expect(json).toMatchObject({ found: 99, added: 99, error: { code: "interrupted", exit: 130 } });
    expect(rowsOf(my.home, "select task_id from tracked_tasks")).toHaveLength(100);
  });
});
