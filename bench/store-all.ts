import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createAssetWriter } from "../src/archive/assets.ts";
import { openJournal } from "../src/archive/journal/journal.ts";
import { openArchive } from "../src/db/archive-file.ts";

const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const UNKNOWN = {
  contentType: null,
  etag: null,
  lastModified: null,
  durationSeconds: null,
  proof: null,
  note: null,
  httpStatus: 200,
};

type Wanted = { id: number; taskId: string; clipId: string; kind: string };

/** Lets every wanted file of an archive be stored, as an empty one: what is measured afterwards looks at no bytes. */
export function storeAll(home: string): void {
  const db = openArchive(home);
  try {
    const journal = openJournal({ home, db });
    const writer = createAssetWriter(db, journal);
    const rows = db.$client
      .prepare<[], Wanted>(
        `select id, task_id as "taskId", clip_id as "clipId", kind from assets where state = 'wanted'`,
      )
      .all();
    db.$client.transaction(() => {
      for (const row of rows) {
        const path = `${row.clipId.slice(0, 2)}/${row.clipId}.${row.kind === "audio" ? "m4a" : "jpg"}`;
        put(join(home, "assets", path));
        writer.markStored(row, { path, bytes: 0, sha256: EMPTY, ...UNKNOWN }, Date.now());
      }
    })();
  } finally {
    db.$client.close();
  }
}

function put(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, "");
}
