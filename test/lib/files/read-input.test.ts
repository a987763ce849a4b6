import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { readInput } from "../../../src/lib/files/read-input.ts";
import { temporaryFolder } from "../../helpers/temporary-archive.ts";

const TEXT = "task 1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad · 日本語\r\n";

let folder: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder[Symbol.dispose]());

function file(bytes: Buffer): string {
  const path = join(folder.path, "input");
  writeFileSync(path, bytes);
  return path;
}

describe("readInput", () => {
  test.each([
    ["UTF-8", Buffer.from(TEXT)],
    ["UTF-8 with a mark", Buffer.from(`\uFEFF${TEXT}`)],
    ["UTF-16 of PowerShell", Buffer.from(`\uFEFF${TEXT}`, "utf16le")],
    ["UTF-16 the other way round", Buffer.from(`\uFEFF${TEXT}`, "utf16le").swap16()],
  ])("reads %s", async (_name, bytes) => {
    expect(await readInput(file(bytes))).toBe(TEXT);
  });

  it("says what is no file, and what is too large for one text", async () => {
    const path = join(folder.path, "other");
    await expect(readInput(path)).rejects.toMatchObject({ exit: 2, message: `no such file: ${path}` });
    mkdirSync(path);
    await expect(readInput(path)).rejects.toMatchObject({ exit: 2, message: `a folder, not a file: ${path}` });
    const large = file(Buffer.from("x"));
    truncateSync(large, 3 * 2 ** 30);
    await expect(readInput(large)).rejects.toMatchObject({ exit: 2, message: `too large to read at once: ${large}` });
  });
});
