import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAssetWriter } from "../../src/archive/assets.ts";
import { archiveId } from "../../src/archive/info.ts";
import { changeMarks } from "../../src/archive/marks/marks.ts";
import { createPlaylist, editPlaylist } from "../../src/archive/marks/playlists.ts";
import { changeTags } from "../../src/archive/tags.ts";
import { openStore } from "../../src/assets/store/store.ts";
import { assets } from "../../src/db/schema.ts";
import { removeClips, undoRemoval } from "../../src/remove/remove.ts";
import { checkWholeDatabase } from "../../src/verify/database/check-database.ts";
import { purgeTexts } from "../../src/archive/purge-texts.ts";
import { purgeClips } from "../../src/remove/purge.ts";
import { rebuild } from "../../src/restore/rebuild/rebuild.ts";
import { FACTS, NOW, rows, saveAll, value } from "../archive/saving.ts";
import { sha256 } from "../helpers/folder-tree.ts";
import { temporaryArchive, type TemporaryArchive } from "../helpers/temporary-archive.ts";

const TASK = "10000000-0000-4000-8000-000000000000";
const OTHER = "11000000-0000-4000-8000-000000000000";
const CLIP = "20000000-0000-4000-8000-000000000000";
const SIBLING = "21000000-0000-4000-8000-000000000000";
const LINE = "hollow lanterns over the estuary";
const signal = new AbortController().signal;

let archive: TemporaryArchive;

beforeEach(() => {
  archive = temporaryArchive();
});

afterEach(() => archive[Symbol.dispose]());

const song = (id: string | undefined, title: string, lyric: string) => ({
  ...(id !== undefined && { id }),
  title,
  lyric,
  state: "succeeded",
  audio_url: `https://a.example/${title.length}.m4a`,
});
const record = (id: string, data: object[], request: object = {}) => ({
  id,
  type: "audios",
  created_at: 1_759_276_800,
  finished_at: 1_759_276_830,
  request: { action: "generate", ...request },
  response: { success: true, data },
});

const purge = async (...ids: string[]) => {
  const root = join(archive.home, "assets");
  const store = openStore(root, archiveId(archive.db));
  await store.prepare({ files: false });
  return purgeClips({ ...archive, store, now: () => NOW + 60_000, signal }, ids);
};

/** Files of the home that contain the line of the lyric. */
const filesWithLine = () =>
  (readdirSync(archive.home, { recursive: true }) as string[])
    .filter((name) => statSync(join(archive.home, name)).isFile())
    .filter((name) => readFileSync(join(archive.home, name)).includes(LINE));

const isSound = async () => expect(await checkWholeDatabase({ ...archive, signal }, true)).toEqual([]);

describe("purge", () => {
  it("blanks older versions of a task that no longer contains the clip", async () => {
    saveAll(archive, [
      record(TASK, [song(CLIP, "Neon", LINE)]),
      record(TASK, [song(SIBLING, "Estuary", "other words")]),
    ]);
    expect(filesWithLine().length).toBeGreaterThan(1);
    await purge(CLIP);
    expect(filesWithLine()).toEqual([]);
    expect(value(archive, "select lyric from clips where title = 'Estuary'")).toBe("other words");
    await isSound();
  });

  it.each([
    ["with an id", CLIP],
    ["known by its position alone", undefined],
  ])("leaves the texts of a clip %s that only an older version contains", async (_what, id) => {
    saveAll(archive, [record(TASK, [song(id, "Neon", LINE)]), record(TASK, [song(SIBLING, "Estuary", "other words")])]);
    await purge(SIBLING);
    expect(value(archive, "select document from task_documents where version = 1")).toContain(LINE);
    expect(value(archive, "select lyric from clips where title = 'Neon'")).toBe(LINE);
    await isSound();
  });

  it("blanks one of two clips that have no id, by its position", async () => {
    saveAll(archive, [record(TASK, [song(undefined, "Estuary", "other words"), song(undefined, "Neon", LINE)])]);
    await purge(`${TASK}_1`);
    expect(filesWithLine()).toEqual([]);
    expect(value(archive, "select lyric from clips where title = 'Estuary'")).toBe("other words");
    await isSound();
  });

  it("keeps the texts blank when another task's record has them", async () => {
    saveAll(archive, [record(TASK, [song(CLIP, "Neon", LINE)], { lyric: LINE })]);
    await purge(CLIP);
    saveAll(archive, [
      record(TASK, [song(CLIP, "Neon", LINE)], { lyric: LINE, prompt: "newer" }),
      record(OTHER, [song(CLIP, "Neon", LINE), song(SIBLING, "Estuary", "other words")]),
    ]);
    expect(rows(archive, "select title, lyric, prompt from clips order by rowid_key")).toEqual([
      { title: null, lyric: null, prompt: null },
      { title: "Estuary", lyric: "other words", prompt: null },
    ]);
    archive.db.$client.pragma("wal_checkpoint(truncate)");
    expect(filesWithLine()).toEqual([]);
    await isSound();
  });

  it("does not change a record that only refers to the clip", async () => {
    const cover = ` ${JSON.stringify(record(OTHER, [song(SIBLING, "Cover", "other words")], { audio_id: CLIP }), null, 1)}`;
    saveAll(archive, [record(TASK, [song(CLIP, "Neon", LINE)]), cover]);
    await purge(CLIP);
    expect(value(archive, `select document from task_documents where task_id = '${OTHER}'`)).toBe(cover);
    await isSound();
  });

  it("removes its tags, also from the journal, and keeps those of other clips", async () => {
    saveAll(archive, [record(TASK, [song(CLIP, "Neon", "x"), song(SIBLING, "Estuary", "other words")])]);
    changeTags(archive, [CLIP, SIBLING], { added: ["calm"], removed: [] }, NOW);
    changeTags(archive, [CLIP], { added: [LINE], removed: ["calm"] }, NOW);
    const folder = join(archive.home, "journal");
    const [name = ""] = readdirSync(folder);
    const [tagLine = ""] = readFileSync(join(folder, name), "utf8")
      .split("\n")
      .filter((line) => line.includes(`["${LINE}"]`));
    appendFileSync(join(folder, name), tagLine.slice(0, -20));
    await purge(CLIP);
    expect(filesWithLine()).toEqual([]);
    expect(rows(archive, "select clip_id, tag from clip_tags")).toEqual([{ clip_id: SIBLING, tag: "calm" }]);
    expect(readFileSync(join(folder, name), "utf8")).toContain(`"clipIds":["${SIBLING}"],"added":["calm"]`);
    expect(changeTags(archive, [CLIP], { added: ["calm"], removed: [] }, NOW)).toMatchObject({ changed: 0 });
    await isSound();
    saveAll(archive, [record(OTHER, [song(CLIP, "Neon", "x")])]);
    expect(rows(archive, "select clip_id, tag from clip_tags")).toEqual([{ clip_id: SIBLING, tag: "calm" }]);
  });

  it("removes its stars and plays, and takes it off playlists, and keeps those of other clips", async () => {
    saveAll(archive, [record(TASK, [song(CLIP, "Neon", "x"), song(SIBLING, "Estuary", "other words")])]);
    changeMarks(archive, [CLIP, SIBLING], { starred: true }, NOW);
    changeMarks(archive, [CLIP], { playedAt: NOW }, NOW);
    const id = createPlaylist(archive, { name: "Night", clipIds: [CLIP, SIBLING, CLIP, SIBLING] }, NOW);
    const move = { do: "move" as const, entry: { position: 1, clipId: SIBLING }, to: 3 };
    editPlaylist(archive, id, [move], NOW);
    await purge(CLIP);
    expect(rows(archive, "select clip_id, starred_at from clip_marks")).toEqual([
      { clip_id: SIBLING, starred_at: NOW },
    ]);
    expect(rows(archive, "select position, clip_id from playlist_clips")).toEqual([
      { position: 0, clip_id: SIBLING },
      { position: 1, clip_id: SIBLING },
    ]);
    await isSound();
    expect(changeMarks(archive, [CLIP], { starred: true }, NOW)).toBe(0);
    expect(() => editPlaylist(archive, id, [{ do: "add", clipIds: [CLIP], position: 0 }], NOW)).toThrow(/was purged/);
  });

  it("leaves nothing in torn lines of the journal, or in damaged lines moved to a .bad file", async () => {
    saveAll(archive, [
      record(TASK, [song(CLIP, "Neon", LINE)]),
      record(OTHER, [song(SIBLING, "Estuary", "other words")]),
    ]);
    const folder = join(archive.home, "journal");
    const [name = ""] = readdirSync(folder);
    const text = readFileSync(join(folder, name), "utf8");
    const torn = text
      .split("\n")
      .filter((line) => line.includes('"document"'))
      .map((line) => line.slice(0, -40));
    writeFileSync(join(folder, name), `${text}${torn[0]}\n${torn[1]}\n${torn[0]}`);
    writeFileSync(join(folder, `${name}.bad`), `${torn[0]}\n`);
    await purge(CLIP);
    expect(filesWithLine()).toEqual([]);
    expect(readFileSync(join(folder, name), "utf8")).toContain(torn[1]);
  });

  it("68: reaches a clip whose id is a number in the record, in document, journal and rows", async () => {
    const numbered = { ...song(undefined, "Neon", LINE), id: 8_412_345_678 };
    saveAll(archive, [record(TASK, [numbered, song(SIBLING, "Estuary", "other words")])]);
    expect(value(archive, "select id from clips where title = 'Neon'")).toBe("8412345678");
    await purge("8412345678");
    expect(filesWithLine()).toEqual([]);
    expect(value(archive, `select lyric from clips where id = '${SIBLING}'`)).toBe("other words");
    await isSound();
  });

  it("finishes what a killed purge has left, though the clip is marked already", async () => {
    saveAll(archive, [record(TASK, [song(CLIP, "Neon", LINE)], { lyric: LINE })]);
    purgeTexts(archive, [CLIP], NOW + 30_000);
    expect(filesWithLine()).not.toEqual([]);
    await isSound();
    await purge(CLIP);
    expect(filesWithLine()).toEqual([]);
    await isSound();
  });

  it("keeps the length of the journal's files, and every line that it has no business with", async () => {
    saveAll(archive, [
      record(TASK, [song(CLIP, "Neon", LINE)]),
      record(OTHER, [song(SIBLING, "Estuary", "other words")]),
    ]);
    const [name = ""] = readdirSync(join(archive.home, "journal"));
    const path = join(archive.home, "journal", name);
    const before = readFileSync(path, "utf8").split("\n");
    await purge(CLIP);
    const after = readFileSync(path, "utf8").split("\n");
    expect(after.slice(0, before.length - 1).map((line) => line.length)).toEqual(
      before.slice(0, -1).map((line) => line.length),
    );
    const changed = before.slice(0, -1).filter((line, at) => line !== after[at]);
    expect(changed.map((line) => line.includes(TASK))).toEqual([true]);
  });

  it.each([
    ["is here", []],
    ["is in the trash, and can come back", [SIBLING]],
  ])("leaves a file that another clip names, which %s", async (_what, removed) => {
    saveAll(archive, [record(TASK, [song(CLIP, "Neon", "x"), song(SIBLING, "Estuary", "other words")])]);
    const store = openStore(join(archive.home, "assets"), archiveId(archive.db));
    await store.prepare({ files: false });
    const path = `20/${CLIP}.m4a`;
    const shared = { ...FACTS, path, bytes: 5, sha256: sha256("bytes") };
    await store.folderFor(CLIP);
    writeFileSync(store.locate(path), "bytes");
    writeFileSync(store.locate(`20/${CLIP}.v2.m4a`), "of this clip alone");
    const writer = createAssetWriter(archive.db, archive.journal);
    for (const { id, taskId, clipId, kind } of archive.db.select().from(assets).all())
      writer.markStored({ id, taskId, clipId, kind }, shared, NOW);
    const deps = { ...archive, store, now: () => NOW + 30_000, signal };
    if (removed.length > 0) await removeClips(deps, [CLIP, ...removed]);
    expect(await purge(CLIP)).toMatchObject({ files: 1 });
    if (removed.length > 0) await undoRemoval(deps, removed);
    expect(readFileSync(store.locate(path), "utf8")).toBe("bytes");
    expect(value(archive, `select state from assets where clip_id = '${SIBLING}'`)).toBe("stored");
    expect(readdirSync(join(store.root, "20"))).toEqual([`${CLIP}.m4a`]);
    await isSound();
  });

  it("stays purged in a rebuilt database", async () => {
    saveAll(archive, [record(TASK, [song(CLIP, "Neon", LINE)], { lyric: LINE })]);
    await purge(CLIP);
    const { home } = archive;
    await rebuild({ home, assets: join(home, "assets"), now: Date.now, signal, onProgress: () => {} });
    expect(filesWithLine()).toEqual([]);
  });
});
