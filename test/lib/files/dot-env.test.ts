import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readDotEnv } from "../../../src/lib/files/dot-env.ts";
import { temporaryFolder } from "../../helpers/temporary-archive.ts";

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(() => void (folder = temporaryFolder()));
afterAll(() => folder[Symbol.dispose]());

test.each<[string, string | Buffer]>([
  ["as it is written mostly", "A=one\nB=two\n"],
  ["with a mark of UTF-8 in front", "\ufeffA=one\nB=two\n"],
  ["in UTF-16, as a shell of Windows writes it", Buffer.from("\ufeffA=one\r\nB=two\r\n", "utf16le")],
  ["with line ends of Windows", "A=one\r\nB=two\r\n"],
  ["in quotes", "A=\"one\"\nB='two'\n"],
  ["in quotes, with line ends of Windows", "A=\"one\"\r\nB='two'\r\n"],
  ["with export in front", "export A=one\nexport B=two\n"],
  ["with comments and blanks", "# mine\n\n  A = one # first\nB=two"],
  ["twice: the last counts", "A=zero\nB=two\nA=one\n"],
])("a .env %s", (_what, content) => {
  writeFileSync(join(folder.path, ".env"), content);
  expect({ ...readDotEnv(join(folder.path, ".env"))?.values }).toEqual({ A: "one", B: "two" });
});

test("what is no file is none: a folder, a loop of links, nothing", () => {
  mkdirSync(join(folder.path, "folder"));
  symlinkSync("loop", join(folder.path, "loop"));
  for (const name of ["folder", "loop", "nothing"]) expect(readDotEnv(join(folder.path, name))).toBeNull();
});
