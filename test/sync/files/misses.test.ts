import { describe, expect, it } from "vitest";
import type { AssetWriter } from "../../../src/archive/assets.ts";
import type { AssetRow } from "../../../src/db/schema.ts";
import type { SyncEvent } from "../../../src/sync/events.ts";
import { Misses } from "../../../src/sync/files/misses.ts";

const DAY = 24 * 3_600_000;
const NOW = Date.UTC(2026, 10, 22);

function asset(id: number, fields: Partial<AssetRow> = {}): AssetRow {
  return { id, url: "https://one.example/a", misses: 0, firstMissAt: null, attempts: 0, ...fields } as AssetRow;
}

function record(misses: Misses) {
  const written: { id: number; gone: boolean; misses: number; firstMissAt: number; nextAttemptAt: number }[] = [];
  const events: SyncEvent[] = [];
  const writer = { markMissed: (id, miss) => void written.push({ id, ...miss }) } as AssetWriter;
  return { ...misses.record(writer, NOW, (event) => void events.push(event)), written, events };
}

describe("Misses", () => {
  it("counts a first miss, and looks again", () => {
    const misses = new Misses();
    misses.missed(asset(1));
    misses.answered(asset(2));
    expect(record(misses)).toMatchObject({
      gone: 0,
      outages: [],
      written: [{ id: 1, gone: false, misses: 1, firstMissAt: NOW }],
    });
  });

  it.each([
    [DAY - 1, false],
    [DAY, true],
    [40 * DAY, true],
  ])("a second miss %i ms after the first makes the file gone: %s", (since, gone) => {
    const misses = new Misses();
    misses.missed(asset(1, { misses: 1, firstMissAt: NOW - since }));
    const { written, events, ...counts } = record(misses);
    expect(counts.gone).toBe(Number(gone));
    expect(written[0]).toMatchObject({ gone, misses: 2, firstMissAt: NOW - since });
    expect(written[0]?.nextAttemptAt === NOW + 30 * DAY).toBe(gone);
    expect(events.filter((event) => event.type === "assetGone")).toHaveLength(Number(gone));
  });

  it("a host seems to be down from 20 first misses on, while they are most of its answers", () => {
    const misses = new Misses();
    for (let id = 0; id < 19; id++) misses.missed(asset(id));
    expect(misses.seemsDown(asset(50))).toBe(false);
    misses.missed(asset(19));
    expect(misses.seemsDown(asset(50))).toBe(true);
    expect(misses.seemsDown(asset(50, { url: "https://two.example/a" }))).toBe(false);
    for (let id = 20; id < 40; id++) misses.answered(asset(id));
    expect(misses.seemsDown(asset(50))).toBe(false);
  });

  it("an old file is never gone by one miss, however old it is", () => {
    const misses = new Misses();
    misses.missed(asset(1, { storedAt: 0 }));
    expect(record(misses).gone).toBe(0);
  });

  it("none counts where over half of a host's answers are misses, and other hosts are judged apart", () => {
    const misses = new Misses();
    for (let id = 0; id < 6; id++) misses.missed(asset(id));
    for (let id = 10; id < 15; id++) misses.answered(asset(id));
    misses.missed(asset(99, { url: "https://two.example/a" }));
    for (let id = 100; id < 103; id++) misses.answered(asset(id, { url: "https://two.example/b" }));
    expect(record(misses)).toMatchObject({ gone: 0, outages: ["one.example"], written: [{ id: 99 }] });
  });

  it("half of them are no outage", () => {
    const misses = new Misses();
    for (let id = 0; id < 5; id++) misses.missed(asset(id));
    for (let id = 10; id < 15; id++) misses.answered(asset(id));
    expect(record(misses)).toMatchObject({ outages: [] });
  });

  it("files that are known to miss make no outage, and stay out of it in one", () => {
    const old = { misses: 1, firstMissAt: NOW - 2 * DAY };
    const misses = new Misses();
    for (let id = 0; id < 9; id++) misses.missed(asset(id, old));
    expect(record(misses)).toMatchObject({ gone: 9, outages: [] });
    const outage = new Misses();
    outage.missed(asset(1, old));
    for (let id = 2; id < 6; id++) outage.missed(asset(id));
    expect(record(outage)).toMatchObject({ gone: 0, written: [] });
  });

  it("a file that was missed before says nothing about its host, whether it is missed again or comes", () => {
    const old = { misses: 1, firstMissAt: NOW - 2 * DAY };
    const misses = new Misses();
    for (let id = 0; id < 3; id++) misses.missed(asset(id));
    for (let id = 10; id < 30; id++) misses.answered(asset(id, old));
    for (let id = 40; id < 60; id++) misses.missed(asset(id, old));
    expect(record(misses)).toMatchObject({ gone: 0, outages: ["one.example"] });
    const down = new Misses();
    for (let id = 0; id < 20; id++) down.missed(asset(id));
    for (let id = 30; id < 60; id++) down.answered(asset(id, old));
    expect(down.seemsDown(asset(99))).toBe(true);
  });

  it("takes an address that is none", () => {
    const misses = new Misses();
    misses.missed(asset(1, { url: "not a URL" }));
    expect(record(misses).written).toHaveLength(1);
  });
});
