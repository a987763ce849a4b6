import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeLibrary, type Library } from "../../query/library.ts";
import { runCommand } from "../run-command.ts";

let library: Library;

beforeEach(() => {
  library = makeLibrary();
  library.clip("1dd08826-a", { taskId: "task-1", title: "Neon" });
  library.clip("1dd08826-b", { taskId: "task-1", title: "Harbor" });
  library.clip("ccc", { title: "Rain", removedAt: 1 });
});
afterEach(() => library[Symbol.dispose]());

const run = (...words: string[]) => runCommand(library.home, words);
const json = async (...words: string[]) => {
  const { stdout, stderr, exitCode } = await run(...words, "--json");
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  return JSON.parse(stdout) as Record<string, unknown>;
};
const pairs = () => library.db.$client.prepare("select clip_id || ' ' || tag from clip_tags order by 1").pluck().all();
const lines = () =>
  (readdirSync(library.home).includes("journal") ? readdirSync(join(library.home, "journal")) : []).flatMap((name) =>
    readFileSync(join(library.home, "journal", name), "utf8")
      .trimEnd()
      .split("\n"),
  );

describe("tag", () => {
  it("puts tags on and takes them off; case does not count, the first spelling stays", async () => {
    expect(await json("tag", "task-1", "+Calm", "+late night", "+calm")).toEqual({
      clips: 2,
      changed: 2,
      added: 4,
      removed: 0,
    });
    expect(await json("tag", "ccc", "+CALM")).toMatchObject({ added: 1 });
    expect(await json("tag", "1dd08826-a", "+cALM", "-LATE night", "-never")).toMatchObject({ added: 0, removed: 1 });
    expect(pairs()).toEqual(["1dd08826-a Calm", "1dd08826-b Calm", "1dd08826-b late night", "ccc Calm"]);
    expect((await run("tag", "1dd08826-b")).stdout).toMatch(/1dd08826-b +Harbor +Calm, late night\n/);
    expect(await json("tag", "--list")).toEqual([
      { tag: "Calm", clips: 2 },
      { tag: "late night", clips: 1 },
    ]);
    expect((await json("show", "1dd08826-b"))["tags"]).toEqual(["Calm", "late night"]);
    expect((await run("show", "1dd08826-b")).stdout).toMatch(/^tags +Calm, late night$/m);
    expect((await run("show", "1dd08826-a")).stdout).toMatch(/^tags +Calm$/m);
  });

  it("takes what begins with a dash for a tag, but for an option to the letter", async () => {
    await run("tag", "ccc", "+vocal", "+quiet", "+n", "+nice", "+json");
    expect(await json("tag", "-vocal", "ccc", "-nice")).toMatchObject({ removed: 2 });
    expect(await json("tag", "ccc", "-n", "-quiet")).toMatchObject({ dryRun: true, removed: 1 });
    expect((await run("tag", "--json", "--", "ccc", "-n", "-json")).stdout).toContain('"removed": 2');
    expect(pairs()).toEqual(["ccc quiet"]);
    expect((await run("tag", "ccc", "--quite", "-quiet")).exitCode).toBe(2);
    expect(pairs()).toEqual(["ccc quiet"]);
  });

  it("tells the journal what changed, and nothing where nothing does", async () => {
    await run("tag", "task-1", "ccc", "+calm");
    await run("tag", "task-1", "+CALM", "-loud");
    await run("tag", "-n", "ccc", "-calm", "+x");
    await run("tag", "ccc", "-calm");
    expect(lines().map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { type: "archive" },
      { type: "tag", clipIds: ["1dd08826-a", "1dd08826-b", "ccc"], added: ["calm"], removed: [] },
      { type: "tag", clipIds: ["ccc"], added: [], removed: ["calm"] },
    ]);
  });

  it.each([
    ["a comma", "+a,b"],
    ["a sign before it", "+-a"],
    ["the sign of a filter before it", "+!a"],
    ["nothing but blanks", "+  "],
    ["a control character", "+a\u001bb"],
    ["65 characters", `+${"é".repeat(65)}`],
    ["the same taken off", "+Straße", "-STRASSE"],
  ])("refuses a tag with %s: exit 2, and nothing is changed", async (_what, ...words) => {
    expect((await run("tag", "ccc", "+fine", ...words)).exitCode).toBe(2);
    expect(pairs()).toEqual([]);
  });

  it("composes accents, and takes 64 characters", async () => {
    await run("tag", "ccc", "+ cafe\u0301 ", `+${"🎵".repeat(64)}`);
    expect(await json("tag", "ccc", "-CAFÉ")).toMatchObject({ removed: 1 });
    expect(pairs()).toEqual([`ccc ${"🎵".repeat(64)}`]);
  });

  it("changes nothing for an id that is not here, ambiguous, or purged: exit 2", async () => {
    library.clip("gone", { removedAt: 1, purgedAt: 2 });
    for (const id of ["nowhere", "1dd08826", "gone"]) expect((await run("tag", "ccc", id, "+calm")).exitCode).toBe(2);
    expect((await run("tag", "+calm")).stderr).toContain("no id of a clip");
    expect((await run("tag", "--list", "ccc")).exitCode).toBe(2);
    expect((await run("tag", "ccc", "+calm", "--format", "csv")).exitCode).toBe(2);
    expect({ pairs: pairs(), lines: lines() }).toEqual({ pairs: [], lines: [] });
  });
});

describe("tag -", () => {
  const MAIN = join(import.meta.dirname, "../../../src/main.ts");
  const fed = (input: string, ...words: string[]) =>
    execa(process.execPath, [MAIN, "tag", ...words, "--home", library.home], { input, reject: false });

  it("reads ids, one a line, beside those that are named; blanks, empty lines and repeats do not count", async () => {
    const { stdout, exitCode } = await fed("1dd08826-b\r\n\n  ccc \nccc", "-", "1dd08826-a", "+calm", "--json");
    expect([exitCode, JSON.parse(stdout)]).toEqual([0, { clips: 3, changed: 3, added: 3, removed: 0 }]);
    expect(pairs()).toEqual(["1dd08826-a calm", "1dd08826-b calm", "ccc calm"]);
  });

  it.each([
    ["nothing", "", "no id of a clip"],
    ["an id that is not here", "ccc\nnowhere\n", "nowhere"],
    ["an id that begins two", "1dd08826", "1dd08826"],
    ["what looks like a tag: it is an id here", "+loud\nccc\n", "+loud"],
    ["one line of a megabyte", "x".repeat(1_000_000), `${"x".repeat(100)}…\n`],
    ["bytes that are no text", "\u0000\ufffd\u001b[2J", "\\u0000"],
  ])("with %s: exit 2, one line and a hint, and nothing is changed", async (_what, input, words) => {
    const { stderr, stdout, exitCode } = await fed(input, "-", "+calm");
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(words);
    expect(stderr.split("\n").length).toBeLessThan(6);
    expect(pairs()).toEqual([]);
  });
});

describe("--tag", () => {
  const ids = async (...words: string[]) =>
    ((await json("clips", ...words)) as unknown as { id: string }[]).map(({ id }) => id).toSorted();

  it("filters clips and tasks: any of them, without it, without any", async () => {
    library.clip("ddd");
    await run("tag", "1dd08826-a", "+Calm", "+loud");
    await run("tag", "1dd08826-b", "+calm");
    await run("tag", "ccc", "+calm");
    expect(await ids("--tag", "CALM")).toEqual(["1dd08826-a", "1dd08826-b"]);
    expect(await ids("--tag", "none,loud")).toEqual(["1dd08826-a"]);
    expect(await ids("--tag", "calm,!loud")).toEqual(["1dd08826-b"]);
    expect(await ids("--tag", "!loud")).toEqual(["1dd08826-b", "ddd"]);
    expect(await ids("--tag", "none")).toEqual([]);
    expect(await ids("--no-tag")).toEqual(["ddd"]);
    expect(await ids("--removed", "--tag", "calm")).toEqual(["ccc"]);
    expect(await json("tasks", "--tag", "loud")).toMatchObject([{ id: "task-1" }]);
    expect(await json("tasks", "--no-tag")).toMatchObject([{ id: "task-of-ddd" }]);
    expect(await json("stats", "--tag", "loud")).toMatchObject({ totals: { tasks: 1, clips: 1 } });
    expect(await json("clips", "--tag", "loud")).toMatchObject([{ tags: ["Calm", "loud"] }]);
    const { stdout } = await run("clips", "--tag", "loud", "--format", "csv");
    expect(stdout.split("\n")[1]).toMatch(/,"\[""Calm"",""loud""\]",/);
  });

  it("has a column in a table only where there are tags", async () => {
    expect((await run("clips")).stdout.split("\n")[0]).not.toContain("tags");
    await run("tag", "1dd08826-a", "+calm");
    expect((await run("clips")).stdout.split("\n")[0]).toMatch(/title +tags/);
  });
});

it("a shell completes tags that were put on, behind their sign", async () => {
  await run("tag", "ccc", "+calm", "+late night");
  const ask = async (...words: string[]) => (await run("completion", "fish", "--", ...words)).stdout;
  expect(await ask("tag", "ccc", "+ca")).toBe("values\n+calm\n");
  expect(await ask("tag", "ccc", "-vocal", "-l")).toBe("values\n-late night\n");
  expect(await ask("clips", "--tag", "calm,l")).toBe("values\ncalm,late night\n");
});
