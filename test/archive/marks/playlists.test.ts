import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openJournal } from "../../../src/archive/journal/journal.ts";
import { readJournal } from "../../../src/archive/journal/read.ts";
import { editEntries, type EntriesChange } from "../../../src/archive/marks/edit-entries.ts";
import { readPlaylist } from "../../../src/archive/marks/playlist-rows.ts";
import { createPlaylist, editPlaylist, MAX_ENTRIES, planPlaylist } from "../../../src/archive/marks/playlists.ts";
import { replayLines } from "../../../src/archive/replay.ts";
import { write } from "../../../src/archive/transaction.ts";
import { openArchive } from "../../../src/db/archive-file.ts";
import { temporaryArchive, type TemporaryArchive } from "../../helpers/temporary-archive.ts";
import { NOW, rows, saveAll } from "../saving.ts";

const task = (n: number) => `1a6ac2ad-10f2-4e2b-b500-${String(n).padStart(12, "0")}`;
const clip = (n: number) => `2d6ac2ad-10f2-4e2b-b500-${String(n).padStart(12, "0")}`;
const [ONE, TWO, THREE, FOUR] = [clip(1), clip(2), clip(3), clip(4)];
const CLIPS = [ONE, TWO, THREE, FOUR];

let archive: TemporaryArchive;
beforeEach(() => {
  archive = temporaryArchive();
  saveAll(
    archive,
    [1, 2, 3, 4].map((n) => ({
      id: task(n),
      type: "audios",
      finished_at: 2,
      request: {},
      response: { success: true, data: [{ id: clip(n), title: `Song ${n}`, state: "succeeded" }] },
    })),
  );
});
afterEach(() => archive[Symbol.dispose]());

const TABLES = ["playlists", "playlist_clips"] as const;
const tablesOf = (one: TemporaryArchive) => TABLES.map((name) => rows(one, `select * from ${name} order by 1, 2`));
const clipsIn = (id: string) => readPlaylist(archive.db, id)?.entries.map(({ clipId }) => clipId);
const lines = () =>
  [...readJournal(archive.home)].flatMap((line) =>
    "entry" in line && line.entry.type === "playlist" ? [line.entry] : [],
  );
const edit = (id: string, change: EntriesChange, now = NOW) => editPlaylist(archive, id, [change], now);

/** What the journal makes of an archive that has nothing else. */
function replayed(): TemporaryArchive {
  const fresh = temporaryArchive();
  write(fresh.db, () => replayLines(fresh.db, readJournal(archive.home)));
  return fresh;
}

describe("a playlist", () => {
  it("keeps its order and repeats, when songs are added, removed, moved and replaced", () => {
    const id = createPlaylist(archive, { name: "Night", clipIds: [ONE, TWO, ONE] }, NOW);
    edit(id, { do: "add", clipIds: [THREE, THREE], position: 1 });
    expect(clipsIn(id)).toEqual([ONE, THREE, THREE, TWO, ONE]);
    edit(id, { do: "move", entry: { position: 4, clipId: ONE }, to: 0 });
    expect(clipsIn(id)).toEqual([ONE, ONE, THREE, THREE, TWO]);
    edit(id, {
      do: "remove",
      entries: [
        { position: 0, clipId: ONE },
        { position: 3, clipId: THREE },
      ],
    });
    expect(clipsIn(id)).toEqual([ONE, THREE, TWO]);
    edit(id, { do: "replace", clipIds: [TWO, ONE, ONE] }, NOW + 9);
    expect(readPlaylist(archive.db, id)?.entries).toEqual([
      { clipId: TWO, addedAt: NOW },
      { clipId: ONE, addedAt: NOW },
      { clipId: ONE, addedAt: NOW + 9 },
    ]);
  });

  it("means the nearest entry of a clip that is not where it was seen, and none where it has gone", () => {
    const seen = [ONE, TWO, ONE, THREE].map((clipId) => ({ clipId, addedAt: 0 }));
    const after = (change: EntriesChange) => editEntries(seen, change, 1).map(({ clipId }) => clipId);
    expect(after({ do: "remove", entries: [{ position: 3, clipId: ONE }] })).toEqual([ONE, TWO, THREE]);
    expect(after({ do: "remove", entries: [{ position: 0, clipId: TWO }] })).toEqual([ONE, ONE, THREE]);
    expect(after({ do: "remove", entries: [{ position: 0, clipId: FOUR }] })).toEqual([ONE, TWO, ONE, THREE]);
    const twice = { position: 0, clipId: ONE };
    expect(after({ do: "remove", entries: [twice, twice, twice] })).toEqual([TWO, THREE]);
    expect(after({ do: "move", entry: { position: 9, clipId: THREE }, to: 0 })).toEqual([THREE, ONE, TWO, ONE]);
    expect(after({ do: "move", entry: { position: 1, clipId: TWO }, to: 99 })).toEqual([ONE, ONE, THREE, TWO]);
  });

  it("is in the journal as it was changed, each change later than the one before, and no line for none", () => {
    const id = createPlaylist(archive, { name: " Night ", comment: "at home" }, NOW);
    const changedAt = () => readPlaylist(archive.db, id)?.changedAt;
    expect(edit(id, { do: "add", clipIds: [ONE], position: null })).toBe(true);
    expect(changedAt()).toBe(NOW + 1);
    expect(edit(id, { do: "replace", clipIds: [ONE] })).toBe(false);
    expect(edit(id, { do: "remove", entries: [{ position: 0, clipId: TWO }] })).toBe(false);
    expect(editPlaylist(archive, id, [{ do: "describe", name: "Night" }], NOW)).toBe(false);
    expect(changedAt()).toBe(NOW + 1);
    expect(editPlaylist(archive, id, [{ do: "describe", name: "NIGHT", comment: "" }], NOW + 7)).toBe(true);
    expect(rows(archive, "select name, comment, created_at, changed_at from playlists")).toEqual([
      { name: "NIGHT", comment: "", created_at: NOW, changed_at: NOW + 7 },
    ]);
    expect(editPlaylist(archive, id, [{ do: "delete" }], NOW + 8)).toBe(true);
    expect(tablesOf(archive)).toEqual([[], []]);
    expect(lines().map(({ change, at }) => [change.do, at])).toEqual([
      ["create", NOW],
      ["add", NOW],
      ["describe", NOW + 7],
      ["delete", NOW + 8],
    ]);
  });

  it("is not changed by who saw an older one, when they say which they saw", () => {
    const id = createPlaylist(archive, { name: "Night", clipIds: [ONE] }, NOW);
    edit(id, { do: "add", clipIds: [TWO], position: null });
    const replace = [{ do: "replace" as const, clipIds: [ONE, THREE] }];
    expect(() => editPlaylist(archive, id, replace, NOW, NOW)).toThrow(/has changed since it was read/);
    expect(clipsIn(id)).toEqual([ONE, TWO]);
    expect(editPlaylist(archive, id, replace, NOW, NOW + 1)).toBe(true);
    expect(clipsIn(id)).toEqual([ONE, THREE]);
  });

  it.each<[string, (id: string) => unknown, RegExp]>([
    ["a name that is taken", () => createPlaylist(archive, { name: "nIGHT" }, NOW), /"Night" already/],
    ["a name without a letter", () => createPlaylist(archive, { name: " " }, NOW), /it is empty/],
    ["a name of two lines", (id) => editPlaylist(archive, id, [{ do: "describe", name: "a\nb" }], NOW), /invisible/],
    ["a clip that is not there", (id) => edit(id, { do: "add", clipIds: [ONE, clip(9)], position: 0 }), /no clip has/],
    [
      "more songs than a playlist holds",
      (id) => edit(id, { do: "add", clipIds: Array(MAX_ENTRIES).fill(ONE) as string[], position: null }),
      /at most 20000 songs; this one would hold 20001/,
    ],
    ["a playlist that is not there", () => edit("x", { do: "replace", clipIds: [] }), /there is no playlist "x"/],
    [
      "two edits, the first of which ends it",
      (id) => planPlaylist(archive.db, id, [{ do: "delete" }, { do: "delete" }], NOW),
      /no playlist/,
    ],
  ])("refuses %s, and nothing changes", (_what, work, message) => {
    const id = createPlaylist(archive, { name: "Night", clipIds: [TWO] }, NOW);
    const before = tablesOf(archive);
    expect(() => work(id)).toThrow(message);
    expect(tablesOf(archive)).toEqual(before);
    expect(lines()).toHaveLength(1);
  });

  it("keeps a clip of which the journal has lost the record, and songs that were added when its first line is lost", () => {
    const fresh = temporaryArchive();
    const added = {
      type: "playlist" as const,
      at: NOW,
      id: task(7),
      change: { do: "add" as const, clipIds: [ONE, ONE], position: null },
    };
    const upTo = { name: "2026-11.ndjson", bytes: 1, lines: 1, digest: "", seq: 1 };
    write(fresh.db, () => replayLines(fresh.db, [{ upTo, seq: 1, entry: added }]));
    expect(rows(fresh, "select name from playlists")).toEqual([{ name: "Playlist 1a6ac2ad" }]);
    expect(rows(fresh, "select clip_id from playlist_clips")).toEqual([{ clip_id: ONE }, { clip_id: ONE }]);
    fresh[Symbol.dispose]();
  });
});

/** An edit by somebody who saw `seen` songs: numbers are taken modulo what they saw. */
const intent_ = fc.record({
  do: fc.constantFrom("add" as const, "add" as const, "remove" as const, "move" as const),
  clip: fc.nat(3),
  at: fc.nat(20),
  to: fc.nat(20),
  atEnd: fc.boolean(),
  writer: fc.nat(1),
  looksFirst: fc.boolean(),
});
type Intent = typeof intent_ extends fc.Arbitrary<infer T> ? T : never;

/** The plain model: what the edit means for a list that is as it was seen. */
function plainly(list: string[], { do: what, clip: n, at, to, atEnd }: Intent): string[] {
  const next = [...list];
  const index = list.length > 0 ? at % list.length : 0;
  if (what === "add") next.splice(atEnd ? list.length : at % (list.length + 1), 0, CLIPS[n] ?? "");
  else if (what === "remove") next.splice(index, 1);
  else next.splice(to % list.length, 0, ...next.splice(index, 1));
  return next;
}

function toChange(seen: string[], { do: what, clip: n, at, to, atEnd }: Intent): EntriesChange {
  if (what === "add") return { do: "add", clipIds: [CLIPS[n] ?? ""], position: atEnd ? null : at % (seen.length + 1) };
  const position = at % seen.length;
  const entry = { position, clipId: seen[position] ?? "" };
  return what === "remove" ? { do: "remove", entries: [entry] } : { do: "move", entry, to: to % seen.length };
}

/** Which songs there are then, whatever their order: of those of another writer none is lost. */
function songsAfter(before: string[], change: EntriesChange): string[] {
  if (change.do === "add") return [...before, ...change.clipIds].toSorted();
  const index = change.do === "remove" ? before.indexOf(change.entries[0]?.clipId ?? "") : -1;
  return (index === -1 ? before : before.toSpliced(index, 1)).toSorted();
}

it("two writers: each edit is what it would be on a plain list, and of one who saw an older list nothing of the other is lost", () => {
  fc.assert(
    fc.property(fc.array(intent_, { minLength: 1, maxLength: 15 }), (intents) => {
      const id = createPlaylist(archive, { name: "Night", clipIds: [ONE, TWO, ONE] }, NOW);
      const other = openArchive(archive.home);
      const writers = [archive, { db: other, journal: openJournal({ home: archive.home, db: other }) }];
      const seen = [clipsIn(id) ?? [], clipsIn(id) ?? []];
      for (const [n, intent] of intents.entries()) {
        const before = clipsIn(id) ?? [];
        if (intent.looksFirst) seen[intent.writer] = before;
        const view = seen[intent.writer] ?? [];
        if (view.length === 0 && intent.do !== "add") continue;
        const change = toChange(view, intent);
        editPlaylist(writers[intent.writer]!, id, [change], NOW + n);
        const after = clipsIn(id) ?? [];
        const isFresh = view.join() === before.join();
        expect(after).toEqual(isFresh ? plainly(before, intent) : after);
        expect(after.toSorted()).toEqual(songsAfter(before, change));
      }
      other.$client.close();
      using fresh = replayed();
      expect(tablesOf(fresh)).toEqual(tablesOf(archive));
      editPlaylist(archive, id, [{ do: "delete" }], NOW + 100);
    }),
    { numRuns: 10 },
  );
});
