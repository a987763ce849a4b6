import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readState, STATE_NAME, writeState, type MadeFile, type MadeFiles } from "../../../src/export/songs/state.ts";

const ENTRY: MadeFile = { kind: "audio", owner: "one", print: "two", bytes: 3, modifiedAt: 4 };

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "mirror-state-"))));
afterEach(() => rmSync(folder, { recursive: true }));

function readOne(path: string): Promise<MadeFiles> {
  const files = { [path]: ENTRY };
  writeFileSync(join(folder, STATE_NAME), JSON.stringify({ format: 1, archive: "key", files }));
  return readState(folder, "key");
}

it("what was written is read again, and nothing where nothing was", async () => {
  expect(await readState(folder, "key")).toEqual(new Map());
  const made = new Map([
    ["2025/12/A song [1dd08826].m4a", ENTRY],
    ["All songs.m3u8", { ...ENTRY, bytes: null, before: 5 }],
  ]);
  await writeState(folder, "key", made);
  expect(await readState(folder, "key")).toEqual(made);
});

it.each([
  "/etc/passwd",
  "../../keep/x",
  "a/../../x",
  "a//x",
  "a/",
  "/",
  "../../keep/export-songs/x",
  "a/./x",
  "~/x",
  "a/-x",
  "a/x\n",
  "a\\x",
  "CON",
])("a path that no export makes: %j is refused", async (path) => {
  await expect(readOne(path)).rejects.toMatchObject({ code: "export_state_damaged" });
});

it("an empty path is refused too, one of a folder of folders is not", async () => {
  await expect(readOne("")).rejects.toMatchObject({ code: "export_state_damaged" });
  expect([...(await readOne("a/b/c/x.m4a")).keys()]).toEqual(["a/b/c/x.m4a"]);
});
