import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bar, sparkline } from "../../../src/print/views/stats.ts";
import { makeLibrary, type Library } from "../../query/library.ts";
import { runCommand } from "../run-command.ts";

let library: Library;
beforeAll(() => {
  library = makeLibrary();
  library.clip("a", { createdAt: Date.UTC(2026, 4, 31, 23, 30) });
  library.task("f", { state: "failed", errorCode: "api_error" });
});
afterAll(() => library[Symbol.dispose]());

const cli = (...args: string[]) => runCommand(library.home, ["stats", ...args]);

describe("stats", () => {
  it("is a report whose time zone is stated, with no bars in a pipe", async () => {
    const { stdout, exitCode } = await cli("--timezone", "Asia/Tokyo", "--storage", "--repeats");
    expect(exitCode).toBe(0);
    expect(stdout.split("\n")[0]).toBe(library.home);
    expect(stdout).toContain("days and hours in Asia/Tokyo");
    expect(stdout).toContain("1 of 2 ended tasks succeeded (50%) · 0 partial · 1 failed · 0 running");
    expect(stdout).toMatch(/^2026-06 +1 +2 min +FUZZ-2.0 100% +generate 100%$/m);
    expect(stdout).toMatch(/^api_error +1$/m);
    expect(stdout).not.toMatch(/[▁-█]/u);
  });

  it("has breakdowns alone in CSV and NDJSON, with files where one is asked for", async () => {
    expect((await cli("--format", "csv")).stdout.split("\n")[0]).toBe("by,key,clips,minutes");
    expect((await cli("--by", "hour", "--format", "csv")).stdout).toBe(
      "by,key,clips,minutes,files,bytes\nhour,23,1,1.67,0,0\n",
    );
    expect(JSON.parse((await cli("--by", "week", "--format", "ndjson")).stdout)).toMatchObject({
      by: "week",
      key: "2026-W22",
    });
  });

  it("is one document with --json, filtered as lists are", async () => {
    expect(JSON.parse((await cli("--json", "--until", "2026-05-30")).stdout)).toMatchObject({
      timezone: "UTC",
      totals: { clips: 0 },
      tasks: { total: 0, successRate: 0 },
      hours: { length: 24 },
    });
  });

  it.each([
    [["--timezone", "Mars/Base"], /--timezone is "Mars\/Base"/],
    [["--by", "mood"], /mood/],
    [["--state", "fine"], /--state is "fine"/],
    [["--sort", "title"], /unknown option '--sort'/],
  ])("%j is exit 2", async (args, message) => {
    const { stderr, exitCode } = await cli(...args);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  it("says zeros of an empty archive", async () => {
    using empty = makeLibrary();
    const { stdout, exitCode } = await runCommand(empty.home, ["stats"]);
    expect([stdout, exitCode]).toEqual([
      `${empty.home}\n0 tasks · 0 clips · 0 min of music · 0 files, 0 B\ndays and hours in UTC\n`,
      0,
    ]);
  });
});

describe("charts", () => {
  it("a bar is as long as its share, and never nothing for something", () => {
    expect(bar(10, 10)).toBe("█".repeat(20));
    expect(bar(5, 10)).toBe("█".repeat(10));
    expect(bar(1, 1_000_000)).toBe("▏");
    expect([bar(0, 10), bar(0, 0), bar(NaN, 3), bar(3, 0)]).toEqual(["", "", "", ""]);
  });

  it("a sparkline has one column a value", () => {
    expect(sparkline([0, 1, 4, 8])).toBe(" ▁▄█");
    expect(sparkline([0, 0])).toBe("  ");
  });
});
