import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { listTree } from "../helpers/folder-tree.ts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deleteExpiredFiles, moveFile, moveIntoTrash } from "../../src/remove/trash.ts";

const DAY_MS = 24 * 3600 * 1000;
const ID = "1dd08826-0b1f-4f0e-9c2e-0d5c0a7e4f11";
const signal = new AbortController().signal;

let home: string;
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), "mirror-trash-"))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  writeFileSync(join(home, path), text);
};
const read = (path: string) => (existsSync(join(home, path)) ? readFileSync(join(home, path), "utf8") : null);

describe("emptying the trash", () => {
  /** A file that was removed at the very end of the first of October. */
  const TRASHED = `2026-10-01/1d/${ID}.m4a`;
  const [FIRST, END] = [Date.UTC(2026, 9, 1), Date.UTC(2026, 9, 2) - 1];
  const empty = (now: number, steady = -Infinity) => deleteExpiredFiles(home, now, steady);
  beforeEach(() => write(`trash/${TRASHED}`, "song"));

  it("leaves a file for 30 whole days, at whatever time of its day it was removed", async () => {
    for (const now of [0, FIRST, FIRST + 30 * DAY_MS, END + 30 * DAY_MS]) {
      expect([now, await empty(now)]).toEqual([now, []]);
      expect(read(`trash/${TRASHED}`)).toBe("song");
    }
    expect(await empty(END + 30 * DAY_MS + 1)).toEqual([TRASHED]);
    expect(readdirSync(join(home, "trash"))).toEqual([]);
  });

  it("counts the days from a jump of the clock, if that came later", async () => {
    const jump = FIRST + 400 * DAY_MS;
    expect(await empty(jump + 31 * DAY_MS - 1, jump)).toEqual([]);
    expect(await empty(jump + 31 * DAY_MS, jump)).toEqual([TRASHED]);
  });
});

describe("a file that is moved to where one is already", () => {
  const [from, to] = [`assets/1d/${ID}.audio.wav`, `trash/2026-10-01/1d/${ID}.audio.wav`];
  const move = (by: typeof moveFile) =>
    by({ root: join(home, "assets"), path: from.slice(7) }, { root: join(home, "trash"), path: to.slice(6) }, signal);

  it.each([moveFile, moveIntoTrash])("$name: goes, when that one has the same bytes", async (by) => {
    write(from, "bytes");
    write(to, "bytes");
    await move(by);
    expect(listTree(home).filter(({ type }) => type === "file")).toMatchObject([{ path: to }]);
    expect(read(to)).toBe("bytes");
  });

  it.each(["BYTES", "byte", ""])("stays, and so does the other one, when that has other bytes (%j)", async (other) => {
    write(from, "bytes");
    write(to, other);
    await expect(move(moveFile)).rejects.toMatchObject({
      exit: 7,
      message: `another file is in the way: ${join(home, to)}`,
    });
    expect([read(from), read(to)]).toEqual(["bytes", other]);
  });

  it("takes that name in the trash, and the other one goes with its day", async () => {
    for (const bytes of ["first", "BYTES", "bytes"]) {
      write(from, bytes);
      await move(moveIntoTrash);
    }
    const versions = ["", ".v2", ".v3"].map((version) => to.replace(".audio", `${version}.audio`));
    expect(versions.map(read)).toEqual(["bytes", "first", "BYTES"]);
    expect(await deleteExpiredFiles(home, Date.UTC(2026, 10, 1), -Infinity)).toHaveLength(3);
  });
});
