import { expect, test, vi } from "vitest";
import { makeRecord } from "../../stand-in/make-record.ts";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { makeWorld } from "../../helpers/world.ts";

vi.setConfig({ testTimeout: 120_000 });

test("O159: 500 tasks are 10 questions, at most one a second, two at once", async () => {
  await using world = await makeWorld({ tasks: 500, env: { PRODUCER_MIRROR_RATE: "" } });
  expectCode(await world.mirror("sync", "--no-assets"), 0);
  const times = world.standIn.apiRequests().map((request) => request.at);
  expect(times).toHaveLength(10);
  for (const [n, at] of times.entries()) {
    const within = times.filter((other) => other >= at && other < at + 950).length;
    expect({ n, within }).toMatchObject({ within: expect.toSatisfy((count) => Number(count) <= 2) as unknown });
  }
  expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(8500);
});

test("O160: records as the vendor's page shows them are read, kept as they came, and nothing is fetched that may not be", async () => {
  const clip = {
    duration: "135.2330158733",
    seed: "1490770667",
    title: "每日新闻",
    audio_url: "https://cdn.example.invalid/riffs/a.m4a?example=",
    image_url: "http://127.0.0.1:9/b.jpg?example=",
  };
  await using world = await makeWorld({ tasks: 2 });
  for (const [n, id] of world.ids.entries()) {
    const created = n === 0 ? { created_at: 1_759_276_800.25 } : { created_at: "2026-10-01T00:00:00.000Z" };
    world.standIn.records.set(id, makeRecord(n, { clip, ...created }));
  }
  const end = await world.mirror("sync", "--json");
  expectCode(end, 3);
  expect(rowsOf(world.home, "select duration_seconds, seed, title from clips")).toEqual(
    Array.from({ length: 2 }, () => ({ duration_seconds: 135.2330158733, seed: "1490770667", title: "每日新闻" })),
  );
  expect(rowsOf(world.home, "select count(*) as count from tasks where created_at > 0")).toEqual([{ count: 2 }]);
  expect(rowsOf(world.home, "select document from task_documents")[0]?.["document"]).toContain("135.2330158733");
  expect(world.standIn.assetRequests()).toHaveLength(0);
});
