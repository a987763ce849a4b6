import { expect, it } from "vitest";
import { archiveId } from "../../src/archive/info.ts";
import { createAssetWriter } from "../../src/archive/assets.ts";
import type { UnfinishedVerify, VerifyResults } from "../../src/archive/verify-results.ts";
import { openStore, type AssetStore } from "../../src/assets/store/store.ts";
import { planVerify } from "../../src/verify/plan.ts";
import { walkFiles } from "../../src/verify/walk-files.ts";
import { FACTS, NOW, rows, saveAll } from "../archive/saving.ts";
import { temporaryArchive, type TemporaryArchive } from "../helpers/temporary-archive.ts";

const FILES = 8;
const id = (number: number) => `${number}a6ac2ad-10f2-4e2b-b500-66ec27fe82ad`;

function libraryOf(files: number): TemporaryArchive {
  const archive = temporaryArchive();
  const writer = createAssetWriter(archive.db, archive.journal);
  for (let number = 1; number <= files; number++) {
    saveAll(archive, [
      {
        id: id(number),
        type: "audios",
        finished_at: 2,
        request: {},
        response: {
          success: true,
          data: [{ id: id(number), state: "succeeded", audio_url: `https://a.example/${number}` }],
        },
      },
    ]);
    const row = { id: number, taskId: id(number), clipId: id(number), kind: "audio" };
    writer.markStored(
      row,
      { ...FACTS, bytes: 5, sha256: "good", path: `${id(number).slice(0, 2)}/${id(number)}.m4a` },
      NOW,
    );
  }
  return archive;
}

/** Reading the file of row `slow` never ends; of `bad` it gives another digest. */
function storeThat(archive: TemporaryArchive, slow: number | undefined, bad: number[], read: number[]): AssetStore {
  const numberOf = (path: string) => Number(path[0]);
  return {
    ...openStore("/nowhere", archiveId(archive.db)),
    stat: async () => Promise.resolve({ type: "file", bytes: 5, modifiedAt: 0 }),
    sha256: async (path, signal) => {
      const number = numberOf(path);
      if (number === slow)
        await new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason as Error)));
      read.push(number);
      return { bytes: 5, sha256: bad.includes(number) ? "bad" : "good" };
    },
  };
}

async function walk(archive: TemporaryArchive, slow: number | undefined, bad: number[] = [], stopAfter?: number) {
  const read: number[] = [];
  const saved: (UnfinishedVerify | null)[] = [];
  const stop = new AbortController();
  const results = {
    recordIntact: () => {},
    saveProgress: (run: UnfinishedVerify | null) => void saved.push(run),
  } as unknown as VerifyResults;
  const found = await walkFiles({
    db: archive.db,
    store: storeThat(archive, slow, bad, read),
    mode: "full",
    plan: planVerify(archive.db, { mode: "full", restart: false }),
    decode: undefined,
    record: (write) => write(results),
    now: () => NOW,
    startedAt: NOW,
    isTimeUp: () => false,
    signal: stop.signal,
    onProgress: ({ checked }) => checked === stopAfter && stop.abort(),
  });
  return { read: read.toSorted((one, other) => one - other), last: saved.at(-1), found };
}

it("a verify that is stopped goes on with the file that it had in hand, and none is left out", async () => {
  using archive = libraryOf(FILES);
  const first = await walk(archive, 2, [], 5);
  expect(first.read).not.toContain(2);
  expect(first.last).toMatchObject({ mode: "full", after: 1, again: [] });
  expect(first.found.left).toBeGreaterThan(0);
  archive.db.$client
    .prepare("insert into archive_info values ('verify_unfinished', ?)")
    .run(JSON.stringify(first.last));
  const second = await walk(archive, undefined);
  expect(new Set([...first.read, ...second.read])).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8]));
  expect(second.read).toContain(2);
  expect(second.last).toBeNull();
});

it("files that were found damaged before the stop are checked again first", async () => {
  using archive = libraryOf(FILES);
  const first = await walk(archive, 4, [1], 5);
  expect(first.last).toMatchObject({ after: 3, again: [1] });
  archive.db.$client
    .prepare("insert into archive_info values ('verify_unfinished', ?)")
    .run(JSON.stringify(first.last));
  const second = await walk(archive, undefined, [1]);
  expect(second.found.findings.map(({ file }) => file.id)).toEqual([1]);
  expect(second.read.filter((number) => number === 1)).toEqual([1]);
});

it("a verify that came to its end leaves nothing to go on with", async () => {
  using archive = libraryOf(3);
  const { read, last, found } = await walk(archive, undefined);
  expect({ read, last, ok: found.ok, bytes: found.bytes, left: found.left }).toEqual({
    read: [1, 2, 3],
    last: null,
    ok: 3,
    bytes: 15,
    left: 0,
  });
  expect(rows(archive, "select count(*) as count from assets where state = 'stored'")).toEqual([{ count: 3 }]);
});
