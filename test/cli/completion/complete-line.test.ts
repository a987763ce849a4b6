import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMANDS } from "../../../src/cli/command-table.ts";
import { clipTags } from "../../../src/db/schema.ts";
import { makeLibrary, type Library } from "../../query/library.ts";
import { runCommand } from "../run-command.ts";

const TAGS = ["slow", "$(touch /tmp/x)", "a b'c", "\u001b[2Jevil", "two\nlines"];
let library: Library;

beforeAll(() => {
  library = makeLibrary();
  library.clip("aaa-1", { taskId: "task-1", title: "Neon\u001b[2J", model: "FUZZ-2.0 Pro", action: "cover" });
  library.clip("aaa-2", { taskId: "task-1", title: "L".repeat(100), model: "FUZZ-1.0" });
  library.clip("bbb-3", { taskId: "aab", model: "FUZZ-1.0" });
  library.clip("ccc-4", { taskId: "aab", model: "FUZZ\u001b[2J", createdAt: 1 });
  library.tracked("aac", { state: "pending" });
  library.tracked("dropped", { untrackedAt: 1 });
  library.db
    .insert(clipTags)
    .values(TAGS.map((tag) => ({ clipId: "aaa-1", tag, addedAt: 0 })))
    .run();
  mkdirSync(join(library.home, "queries"));
  for (const name of ["mine.sql", "two words.sql", "notes.txt"]) writeFileSync(join(library.home, "queries", name), "");
});
afterAll(() => library[Symbol.dispose]());

/** As fish is answered: the kind, then a line each. */
async function ask(...words: string[]): Promise<string[]> {
  const { stdout, stderr, exitCode } = await runCommand(library.home, ["completion", "fish", "--", ...words]);
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  return stdout.trimEnd().split("\n");
}
const values = async (...words: string[]) => (await ask(...words)).slice(1).map((line) => line.split("\t")[0]);

describe("what could come here", () => {
  test("commands with their aliases and summaries", async () => {
    const names = COMMANDS.flatMap(({ name, alias }) => [name, ...(alias ? [alias] : [])]);
    expect(await values("")).toEqual(names);
    expect(await ask("untr")).toEqual(["values", "untrack\tstop requesting tasks; what is mirrored stays"]);
    expect(await values("--home", "/x", "stat")).toEqual(["status", "stats"]);
    expect(await values("export", "song")).toEqual(["songs"]);
    expect(await values("no-such-command", "")).toEqual([]);
  });

  test("options that are not there yet", async () => {
    expect(await values("clips", "--m")).toEqual([
      "--model",
      "--min-duration",
      "--max-duration",
      "--missing",
      "--min-rating",
    ]);
    expect(await values("clips", "--model", "x", "--mo")).toEqual([]);
    expect(await values("export", "songs", "--mo")).toEqual(["--model"]);
    expect(await values("--v")).toEqual(["--verbose", "--version"]);
    expect(await values("clips", "--", "--m")).toEqual([]);
  });

  test("words that an option takes, one after the other", async () => {
    expect(await values("clips", "--has", "")).toEqual(["audio", "wav", "stems", "image", "video"]);
    expect(await values("clips", "--has", "audio,w")).toEqual(["audio,wav"]);
    expect(await values("clips", "--has", "audio,a")).toEqual([]);
    expect(await values("clips", "--has=wav,au")).toEqual(["--has=wav,audio"]);
    expect(await values("clips", "--sort", "-t")).toEqual(["-title"]);
    expect(await values("stats", "--by", "mo")).toEqual(["model", "month"]);
    expect(await values("lineage", "--format", "m")).toEqual(["mermaid"]);
    expect(await values("watch", "--timezone", "Europe/Berl")).toEqual(["Europe/Berlin"]);
    expect(await values("completion", "")).toEqual(["bash", "zsh", "fish"]);
  });

  test("models and actions of the archive, none that a terminal would obey", async () => {
    expect(await ask("clips", "--model", "")).toEqual(["values", "FUZZ-1.0", "FUZZ-2.0 Pro"]);
    expect(await values("ls", "--model=FUZZ-1.0,F")).toEqual(["--model=FUZZ-1.0,FUZZ-2.0 Pro"]);
    expect(await values("clips", "--action", "c")).toEqual(["cover"]);
  });

  test("ids with their titles, which no terminal obeys", async () => {
    expect(await ask("show", "aa")).toEqual([
      "values",
      "aaa-1\tNeon\\u001b[2J",
      `aaa-2\t${"L".repeat(59)}…`,
      "aab\ttask",
    ]);
    expect(await values("show", "")).toEqual(["bbb-3", "aaa-2", "aaa-1", "ccc-4"]);
    expect(await values("show", "aaa-1", "")).toEqual([]);
    expect(await values("rm", "aaa-1", "bb")).toEqual(["bbb-3"]);
    expect(await ask("sync", "a")).toEqual(["values", "aab\tsucceeded", "aac\tpending"]);
    expect(await values("untrack", "")).toEqual(["aac", "aab", "task-1"]);
    expect(await values("track", "")).toEqual(["dropped"]);
    expect(await values("clips", "--tag", "s")).toEqual(["slow"]);
    expect(await values("clips", "--root", "aaa")).toEqual(["aaa-1", "aaa-2"]);
    expect(await values("search", "--children-of=aab")).toEqual(["--children-of=aab"]);
  });

  test("kept queries, files and folders", async () => {
    expect(await values("sql", "@")).toEqual(["@mine"]);
    expect(await ask("import", "")).toEqual(["files"]);
    expect(await ask("track", "--file", "")).toEqual(["files"]);
    expect(await ask("clips", "--home", "")).toEqual(["folders"]);
    expect(await ask("export", "songs", "")).toEqual(["folders"]);
    expect(await ask("verify", "--from", "x")).toEqual(["folders"]);
  });

  test("nothing from elsewhere: no archive, a bad setting, an archive that would be migrated", async () => {
    expect(await values("clips", "--home", "/nowhere", "--model", "")).toEqual([]);
    expect(await values("clips", "--home", "/nowhere", "--has", "w")).toEqual(["wav"]);
    const env = { PRODUCER_MIRROR_RATE: "fast" };
    const bad = await runCommand(library.home, ["completion", "fish", "--", "show", ""], env);
    expect(bad).toEqual({ stdout: "values\n", stderr: "", exitCode: 0 });
    using old = makeLibrary();
    old.clip("old-1");
    old.db.$client.pragma("user_version = 1");
    const { stdout } = await runCommand(old.home, ["completion", "fish", "--", "show", ""]);
    expect(stdout).toBe("values\n");
    expect(old.db.$client.pragma("user_version", { simple: true })).toBe(1);
  });
});
