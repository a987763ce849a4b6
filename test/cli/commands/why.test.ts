import { describe, expect, it, vi } from "vitest";
import type { Why } from "../../../src/query/explain/why.ts";
import { makeWorld } from "../../helpers/world.ts";

vi.setConfig({ testTimeout: 120_000 });

describe("why", () => {
  it("explains what a real run left, and is what the run and status point at", async () => {
    await using world = await makeWorld({ tasks: 3, env: { PRODUCER_MIRROR_RATE: "0" } });
    world.standIn.fault(/\.jpg/, { kind: "status", status: 404 });
    const sync = await world.mirror("sync");
    expect(sync.code).toBe(3);
    const [, id = ""] = /incomplete \(3\): .* · producer-mirror why ([0-9a-f]{8})\n/.exec(sync.stdout) ?? [];
    expect((await world.mirror("status")).stdout).toContain(`\`producer-mirror why ${id}\` says why`);
    const reported = (await world.mirror("why", id, "--json")).json as Why;
    expect(reported).toMatchObject({ kind: "clip", state: "succeeded", evidence: { attempts: 2, errorCode: null } });
    expect(reported.task?.sentences.at(-1)).toMatch(/^It is succeeded because every clip is marked as done/);
    expect(reported.evidence.traceId).toMatch(/^[0-9a-f-]{36}$/);
    const image = reported.files.find(({ kind }) => kind === "image");
    expect(image).toMatchObject({ state: "failed", httpStatus: 404, misses: 1 });
    expect(image?.sentences[0]).toMatch(/^Tried once; the last error: .* answered 404/);
    const report = await world.mirror("why", id);
    expect([report.stdout.split("\n")[0], report.stderr, report.code]).toEqual([world.home, "", 0]);
    expect(report.stdout).toContain(reported.next);
    expect(report.stdout).toContain(reported.evidence.traceId);
  });

  it("says of an id that it was never tracked here, exit 2", async () => {
    await using world = await makeWorld({ tasks: 1 });
    const unknown = "ffffffff-0000-4000-8000-000000000000";
    const hints = [
      [unknown, `producer-mirror track ${unknown}`],
      // `track` takes whole ids only.
      ["ffffffff", "list them"],
    ] as const;
    for (const [id, hint] of hints) {
      const end = await world.mirror("why", id, "--json");
      expect([end.code, end.json]).toMatchObject([
        2,
        { error: { code: "not_found", hint: expect.stringContaining(hint) as string } },
      ]);
    }
  });
});
