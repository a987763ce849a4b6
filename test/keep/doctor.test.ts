import { describe, expect, it } from "vitest";
import { judgeApi } from "../../src/keep/doctor/check-api.ts";
import { checkFilesystem } from "../../src/keep/doctor/check-filesystem.ts";
import { checkSpace } from "../../src/keep/doctor/check-space.ts";
import { checkVersions } from "../../src/keep/doctor/check-versions.ts";
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
});

describe("checkSpace", () => {
  it.each([
    [1e12, "ok"],
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
    const at = (clockAheadMs: number) => judgeApi("https://api", { failure: null, clockAheadMs }).at(-1);
    expect(at(86_400_000)).toMatchObject({ state: "warn", found: "86400 s ahead of the API's" });
    expect(at(-86_400_000)).toMatchObject({ state: "warn", found: "86400 s behind the API's" });
    expect(at(900)).toMatchObject({ state: "ok" });
  });
});
