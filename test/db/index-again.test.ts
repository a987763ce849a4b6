import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createRecordSaver } from "../../src/archive/records.ts";
import { rebuildFullTextIndex } from "../../src/db/full-text.ts";
import { makeRecord } from "../stand-in/make-record.ts";
import { searchClips } from "../../src/query/search/search.ts";
import { incoming, NOW, rows } from "../archive/saving.ts";
import { temporaryArchive, type TemporaryArchive } from "../helpers/temporary-archive.ts";

let archive: TemporaryArchive;
const never = new AbortController().signal;
beforeEach(() => {
  archive = temporaryArchive();
  archive.db.$client.exec("create virtual table temp.words using fts5vocab(main, clips_fts, instance)");
});
afterEach(() => archive[Symbol.dispose]());

/** Every word of the index: its position, in which column of which clip. */
const words = () => rows(archive, 'select term, doc, col, "offset" from temp.words order by 1, 2, 3, 4');

const text = fc.constantFrom("rain", "Rain on glass", "海上明月", "Café", "", "rain\nrain 月");
const change = fc.oneof(
  fc.record({ is: fc.constant("saved" as const), n: fc.integer({ min: 1, max: 5 }), title: text, lyric: text }),
  fc.record({ is: fc.constant("blanked" as const), n: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ is: fc.constant("deleted" as const), n: fc.integer({ min: 1, max: 5 }) }),
);

it("is after any change what it would be if it were made from scratch", async () => {
  const save = createRecordSaver(archive.db, archive.journal);
  let now = NOW;
  const { $client: client } = archive.db;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 4 }), async (batches) => {
      for (const batch of batches) {
        const records = batch.flatMap((one) =>
          one.is === "saved" ? [incoming(JSON.stringify(makeRecord(one.n, { clip: one })))] : [],
        );
        save(records, { now: now++, nextCheckAt: () => null });
        for (const { is, n } of batch) {
          if (is === "blanked")
            client.prepare("update clips set title = null, lyric = null where rowid_key = ?").run(n);
          if (is === "deleted") deleteClip(n);
        }
      }
      const before = { words: words(), found: searchClips(archive.db, "rain", {}, "/") };
      const count = await rebuildFullTextIndex(archive.db, never);
      expect(count).toBe(client.prepare("select count(*) from clips").pluck().get());
      expect({ words: words(), found: searchClips(archive.db, "rain", {}, "/") }).toEqual(before);
    }),
    { numRuns: 60 },
  );
  expect(words().length).toBeGreaterThan(0);
});

function deleteClip(key: number): void {
  const { $client: client } = archive.db;
  const id = client.prepare<[number], string>("select id from clips where rowid_key = ?").pluck().get(key);
  for (const table of ["assets", "task_clips", "clip_tags"])
    client.prepare(`delete from ${table} where clip_id = ?`).run(id);
  client.prepare("delete from clips where rowid_key = ?").run(key);
}

it("stays as it was when it is interrupted", async () => {
  createRecordSaver(archive.db, archive.journal)([incoming(JSON.stringify(makeRecord(1)))], {
    now: NOW,
    nextCheckAt: () => null,
  });
  const before = words();
  const stop = new AbortController();
  stop.abort(new Error("stopped"));
  await expect(rebuildFullTextIndex(archive.db, stop.signal)).rejects.toThrow("stopped");
  expect(words()).toEqual(before);
  expect(archive.db.$client.inTransaction).toBe(false);
});
