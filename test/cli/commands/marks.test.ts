import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeLibrary, type Library } from "../../query/library.ts";
import { runCommand } from "../run-command.ts";

let library: Library;
beforeEach(() => {
  library = makeLibrary();
  library.clip("aaa", { taskId: "task-1", title: "Neon", durationSeconds: 60 });
  library.clip("bbb", { taskId: "task-1", title: "Harbor", durationSeconds: 60 });
  library.clip("ccc", { title: "Rain", removedAt: 1 });
  library.clip("ddd", { title: "Purged", purgedAt: 1, removedAt: 1 });
});
afterEach(() => library[Symbol.dispose]());

const run = (...words: string[]) => runCommand(library.home, words);
const json = async (...words: string[]) => {
  const { stdout, stderr, exitCode } = await run(...words, "--json");
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  return JSON.parse(stdout) as { id: string; clips: { id: string }[] }[] & { clips: { id: string }[] };
};
const marks = () =>
  library.db.$client.prepare("select clip_id, starred_at is not null as star, rating from clip_marks order by 1").all();

describe("star, unstar and rate", () => {
  it("mark clips, or all clips of a task, and say how many changed", async () => {
    expect(await json("star", "task-1", "aaa")).toEqual({ clips: 2, changed: 2 });
    expect(await json("unstar", "b", "ccc")).toEqual({ clips: 2, changed: 1 });
    expect(await json("rate", "aaa", "ccc", "4")).toEqual({ clips: 2, changed: 2 });
    expect(await json("rate", "ccc", "0", "-n")).toEqual({ dryRun: true, clips: 1, changed: 1 });
    expect((await run("rate", "aaa", "bbb", "4")).stdout).toContain("1 of 2 songs rated 4; the others were so already");
    expect(marks()).toEqual([
      { clip_id: "aaa", star: 1, rating: 4 },
      { clip_id: "bbb", star: 0, rating: 4 },
      { clip_id: "ccc", star: 0, rating: 4 },
    ]);
    expect(await json("clips", "--starred", "--min-rating", "4")).toMatchObject([
      { id: "aaa", starred: true, rating: 4, plays: 0 },
    ]);
    expect((await json("clips", "--no-starred")).map(({ id }) => id)).toEqual(["bbb"]);
    expect((await json("clips", "--sort", "-rating", "--stacked")).map(({ id }) => id)).toEqual(["aaa"]);
    expect(await json("show", "aaa")).toMatchObject({ starred: true, rating: 4, lastPlayedAt: null });
    expect((await run("clips")).stdout).toMatch(/Neon .*★ 4\/5/);
  });

  it.each([
    [["star"], /no id of a clip/],
    [["star", "nope"], /no task or clip has the id nope/],
    [["star", "ddd"], /ddd was purged/],
    [["rate", "aaa"], /takes ids and then a rating/],
    [["rate", "aaa", "6"], /the rating is "6"; it takes a whole number from 0 to 5/],
    [["clips", "--min-rating", "many"], /--min-rating is "many"/],
    [["clips", "--playlist", "Nope"], /there is no playlist "Nope"/],
  ])("%j is refused, and nothing changes", async (words, message) => {
    const { stderr, exitCode } = await run(...words);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
    expect(marks()).toEqual([]);
  });
});

describe("playlist", () => {
  const order = async () => (await json("playlist", "show", "night")).clips;
  const ids = async () => (await order()).map(({ id }) => id).join(" ");

  it("is made, filled, ordered, renamed and removed; positions count from 1", async () => {
    expect(await json("playlist", "create", "Night", "aaa", "bbb", "aaa")).toMatchObject({ name: "Night", songs: 3 });
    expect(await json("playlist", "add", "NIGHT", "ccc", "--at", "1")).toMatchObject({ changed: true, songs: 4 });
    expect(await ids()).toBe("ccc aaa bbb aaa");
    await run("playlist", "move", "Night", "4", "1");
    expect(await ids()).toBe("aaa ccc aaa bbb");
    expect(await json("playlist", "remove", "Night", "2", "4", "--dry-run")).toMatchObject({
      dryRun: true,
      changed: true,
      songs: 4,
    });
    await run("playlist", "remove", "Night", "2", "4");
    expect(await ids()).toBe("aaa aaa");
    expect((await run("playlist", "show", "Night")).stdout).toMatch(/1 +Neon.*\n *2 +Neon/);
    expect((await json("clips", "--playlist", "night")).map(({ id }) => id)).toEqual(["aaa"]);
    await run("playlist", "rename", "Night", "Nights", "--comment", "at home");
    expect(await json("playlist", "list")).toMatchObject([
      { name: "Nights", comment: "at home", songs: 2, durationSeconds: 120 },
    ]);
    expect((await run("playlist", "rm", "nights")).stdout).toContain('"Nights" removed');
    expect(await json("playlist", "list")).toEqual([]);
  });

  it.each([
    [["playlist"], /playlist what\? There is: list, show/],
    [["playlist", "show", "Nope"], /there is no playlist "Nope"/],
    [["playlist", "create", "night"], /there is a playlist "Night" already/],
    [["playlist", "create", "night", "-n"], /there is a playlist "Night" already/],
    [["playlist", "create", "Day", "nope"], /no task or clip has the id nope/],
    [["playlist", "remove", "Night", "2"], /there is no song at position 2/],
    [["playlist", "remove", "Night", "0"], /the position is "0"; it takes a whole number from 1/],
    [["playlist", "move", "Night", "1", "up"], /the new position is "up"/],
    [["playlist", "rename", "Night"], /name the new name, or --comment/],
    [["playlist", "add", "Night", "ddd"], /ddd was purged/],
  ])("%j is refused, and nothing changes", async (words, message) => {
    await run("playlist", "create", "Night", "aaa");
    const { stderr, exitCode } = await run(...words);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
    expect(await json("playlist", "list")).toMatchObject([{ name: "Night", songs: 1 }]);
  });
});
