import { rmSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { rebuild } from "../../../src/restore/rebuild/rebuild.ts";
import { makeLibrary, songPath, type Library } from "../../archive/library.ts";
import { NOW, rows } from "../../archive/saving.ts";

let archive: Library;
beforeEach(async () => (archive = await makeLibrary(6)));
afterEach(() => archive[Symbol.dispose]());

const rebuildHere = (options: { dryRun?: boolean } = {}) => {
  const { home, store } = archive;
  const { signal } = new AbortController();
  return rebuild({ home, assets: store.root, now: () => NOW, signal, onProgress: () => {} }, options);
};
const states = () =>
  rows(
    archive,
    "select id, state, attempts, misses, first_miss_at, http_status, next_attempt_at, last_error from assets order by id",
  );

it("a rebuild asks for nothing again that is gone, and waits as long as before for what failed", async () => {
  for (const id of [2, 3, 4]) rmSync(archive.store.locate(songPath(id)));
  archive.db.$client.exec(`
    update assets set state = 'gone', misses = 2, first_miss_at = 5, http_status = 404, next_attempt_at = 99 where id = 2;
    update assets set state = 'failed', attempts = 3, http_status = 503, next_attempt_at = 98, last_error = 'no' where id = 3;
    update assets set state = 'wanted', last_error = 'found missing by verify' where id = 4`);
  const before = states();
  const report = { assets: { stored: 3, lost: 3, wanted: 2 }, historyKept: true };
  expect(await rebuildHere({ dryRun: true })).toMatchObject(report);
  expect(await rebuildHere()).toMatchObject(report);
  expect(states()).toEqual(before);
});

it("a file that is there is stored, whatever its state in the old database", async () => {
  archive.db.$client.exec(`update assets set state = 'gone', misses = 2 where id = 5;
    update assets set state = 'failed', attempts = 3 where id = 6`);
  await rebuildHere();
  expect(new Set(states().map(({ state }) => state))).toEqual(new Set(["stored"]));
});
