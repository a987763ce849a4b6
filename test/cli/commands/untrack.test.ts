import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../helpers/temporary-archive.ts";
import { runCommand } from "../run-command.ts";

const ID = "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => void (folder = temporaryFolder()));
afterEach(() => folder[Symbol.dispose]());

test("untrack --dry-run says what would be, and does nothing", async () => {
  await runCommand(folder.path, ["track", ID]);
  const message = await runCommand(folder.path, ["untrack", "-n", ID]);
  expect(message).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("1 task id would be untracked") as unknown,
  });
  const done = await runCommand(folder.path, ["untrack", ID]);
  expect(done.stdout).toContain("1 task id untracked");
  expect((await runCommand(folder.path, ["untrack", "-n", ID])).exitCode).toBe(2);
});
