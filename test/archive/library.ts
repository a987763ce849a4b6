import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createAssetWriter } from "../../src/archive/assets.ts";
import { archiveId } from "../../src/archive/info.ts";
import { openStore, type AssetStore } from "../../src/assets/store/store.ts";
import { sha256 } from "../helpers/folder-tree.ts";
import { temporaryArchive, type TemporaryArchive } from "../helpers/temporary-archive.ts";
import { FACTS, NOW, saveAll } from "./saving.ts";

/** An archive whose songs have their files on the disk: from 1 on, each `song <number>`. */
export type Library = TemporaryArchive & { store: AssetStore };

/** The id of a song, which is also that of its row's clip; 0 is the task of all. */
export const songId = (number: number) => `${String(number).padStart(8, "0")}-10f2-4e2b-b500-66ec27fe82ad`;
export const songPath = (number: number) => `00/${songId(number)}.m4a`;

/** One task with all songs, so that one line and one commit save it. */
export async function makeLibrary(songs: number): Promise<Library> {
  const archive = temporaryArchive();
  const store = openStore(join(archive.home, "assets"), archiveId(archive.db));
  await store.prepare({ files: false });
  mkdirSync(join(store.root, "00"));
  const numbers = Array.from({ length: songs }, (_, at) => at + 1);
  const data = numbers.map((n) => ({ id: songId(n), state: "succeeded", audio_url: `https://a.example/${n}` }));
  saveAll(archive, [{ id: songId(0), type: "audios", finished_at: 2, request: {}, response: { success: true, data } }]);
  const writer = createAssetWriter(archive.db, archive.journal);
  archive.journal.write(() => {
    for (const id of numbers) {
      const [path, text] = [songPath(id), `song ${id}`];
      writeFileSync(join(store.root, path), text);
      const file = { ...FACTS, path, bytes: text.length, sha256: sha256(text) };
      writer.markStored({ id, taskId: songId(0), clipId: songId(id), kind: "audio" }, file, NOW);
    }
  });
  return { ...archive, store };
}
