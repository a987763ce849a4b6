import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { syncRuns } from "../../src/db/schema.ts";
import { checkApi } from "../../src/doctor/check-api.ts";
import type { SeenLocation } from "../../src/query/history/backup-locations.ts";
import { checkAges } from "../../src/doctor/check-archive.ts";
import { checkFilesystem } from "../../src/doctor/check-filesystem.ts";
import { checkLeftovers } from "../../src/doctor/check-leftovers.ts";
import { checkSpace } from "../../src/doctor/check-space.ts";
import { checkVersions } from "../../src/doctor/check-versions.ts";
import { saveAll } from "../archive/saving.ts";
import { fixtureText } from "../helpers/fixture.ts";
import { temporaryArchive, temporaryFolder } from "../helpers/temporary-archive.ts";

describe("checkFilesystem", () => {
  it.each([
    ["home", 0x6969, "bad", "NFS"],
    ["assets", 0x6969, "ok", "NFS"],
    ["home", 0xff534d42, "bad", "CIFS"],
    ["home", 0x01021997, "bad", "9p"],
    ["home", 0x65735546, "warn", "FUSE"],
    ["home", 0x01021994, "warn", "tmpfs"],
    ["assets", 0x4d44, "warn", "FAT"],
    ["home", 0xef53, "ok", "local"],
  ] as const)("C43: the %s folder on a disk of kind %i is %s (%s)", async (what, kind, state, word) => {
    using folder = temporaryFolder();
    const finding = await checkFilesystem(what, `${folder.path}/not/there`, () => Promise.resolve(kind));
    expect(finding).toMatchObject({ state, found: expect.stringContaining(word) as string });
    expect(finding.advice === null).toBe(state === "ok");
  });

  it("warns when the file system is unknown", async () => {
    using folder = temporaryFolder();
    const finding = await checkFilesystem("home", folder.path, () => Promise.reject(new Error("ENOSYS")));
    expect(finding).toMatchObject({ state: "warn", found: "its file system is unknown" });
  });
});

describe("checkSpace", () => {
  it.each([
    [1e12, "ok"],
    [1e8, "warn"],
    [1e6, "bad"],
  ])("with %i bytes free and files still wanted is %s", async (free, state) => {
    using archive = temporaryArchive();
    saveAll(archive, [fixtureText("retrieve.json")]);
    const finding = await checkSpace(archive.db, ["audio", "image"], archive.home, () => Promise.resolve(free));
    expect(finding.state).toBe(state);
  });
});

describe("checkVersions", () => {
  it.each([
    ["3.51.2", "bad"],
    ["3.51.3", "ok"],
    ["3.60.0", "ok"],
    ["3.6.99", "bad"],
  ])("C42: SQLite %s is %s", (version, state) => {
    expect(checkVersions(undefined, version).state).toBe(state);
  });
});

describe("judgeApi", () => {
  it("D61: warns of a clock that is a day off, whichever way", () => {
    const at = (clockAheadMs: number) => checkApi("https://api", { failure: null, clockAheadMs }).at(-1);
    expect(at(86_400_000)).toMatchObject({ state: "warn", found: "86400 s ahead of the API's" });
    expect(at(-86_400_000)).toMatchObject({ state: "warn", found: "86400 s behind the API's" });
    expect(at(900)).toMatchObject({ state: "ok" });
  });

  it("has no finding about the clock when the response has no date", () => {
    const findings = checkApi("https://api", { failure: null, clockAheadMs: null });
    expect(findings.map(({ check }) => check)).toEqual(["token"]);
  });
});

function location(values: Partial<SeenLocation>): SeenLocation {
  const seen = { seen: true, lastSeenAt: "2026-11-20T12:00:00.000Z", sameDisk: false, problem: null };
  const counts = { clips: 1, files: 1, bytes: 1, songs: 1, ofSongs: 1 };
  return { location: "/there", outcome: "complete", startedAt: "", finishedAt: "", ...counts, ...seen, ...values };
}

describe("checkAges", () => {
  const DAY_MS = 86_400_000;
  const NOW = 100 * DAY_MS;

  it.each([
    [0.5, "ok", "ok", "today"],
    [14.5, "ok", "ok", "14 days ago"],
    [15, "warn", "ok", "15 days ago"],
    [31, "warn", "warn", "31 days ago"],
    [-3, "warn", "warn", "3 days ahead of this clock"],
  ])("of %d days: a run is %s, a backup %s", (days, run, backup, found) => {
    using archive = temporaryArchive();
    const at = NOW - days * DAY_MS;
    const common = { startedAt: at, finishedAt: at, outcome: "complete" as const };
    archive.db
      .insert(syncRuns)
      .values({ ...common, trigger: "manual", pid: 1, host: "here" })
      .run();
    expect(checkAges(archive.db, NOW, [location({ finishedAt: new Date(at).toISOString() })])).toMatchObject([
      { check: "last complete run", state: run, found },
      { check: "newest backup", state: backup, found: `${found}: /there, seen now` },
    ]);
  });

  it.each<[string, Partial<SeenLocation>[], string, RegExp]>([
    ["none", [], "warn", /^none yet$/],
    ["one whose disk is away", [{ seen: false }], "warn", /^none is there now$/],
    ["one on the archive's own disk", [{ sameDisk: true }], "warn", /on the same disk as the archive/],
    ["one here and one elsewhere", [{ sameDisk: true }, {}], "ok", /seen now/],
    ["one off-site", [{ seen: null }], "ok", /not looked at now/],
    ["an incomplete one", [{ outcome: "incomplete" }], "warn", /none is there now/],
  ])("of backups, with %s", (_name, some, state, found) => {
    using archive = temporaryArchive();
    const locations = some.map((one) => location({ finishedAt: new Date(NOW).toISOString(), ...one }));
    const [, newest, ...lost] = checkAges(archive.db, NOW, locations);
    expect(newest).toMatchObject({ check: "newest backup", state, found: expect.stringMatching(found) as string });
    expect(lost).toHaveLength(some.filter(({ seen }) => seen === false).length);
  });
});

describe("checkLeftovers", () => {
  it("lists what an interrupted command left in the home, and what is kept on purpose", async () => {
    using archive = temporaryArchive();
    const { home } = archive;
    const look = async () =>
      (await checkLeftovers(home, join(home, "assets"), Date.now())).find(({ check }) => check.endsWith("home folder"));
    expect(await look()).toMatchObject({ state: "ok", found: "none" });
    writeFileSync(join(home, "archive.db.before-schema-6"), "");
    expect(await look()).toMatchObject({ state: "ok", found: expect.stringContaining("before-schema-6") as string });
    for (const name of ["archive.db.new", "archive.db.new-wal"]) writeFileSync(join(home, name), "");
    const found = await look();
    expect(found).toMatchObject({ state: "warn", found: expect.stringContaining("archive.db.new, ") as string });
    expect(found?.advice).toContain("remove them while no command is running");
  });

  it("accepts a partial download from less than a week ago", async () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, "assets/00"), { recursive: true });
    writeFileSync(join(folder.path, "assets/00/00000000-0000-4000-8000-000000000000.audio.part"), "half");
    const parts = async (now: number) => (await checkLeftovers(folder.path, join(folder.path, "assets"), now))[0];
    expect(await parts(Date.now())).toMatchObject({ check: "leftover parts", state: "ok" });
    expect(await parts(Date.now() + 8 * 86_400_000)).toMatchObject({ state: "warn" });
  });
});
