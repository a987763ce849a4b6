import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openJournal } from "../src/archive/journal/journal.ts";
import { replayLines } from "../src/archive/replay.ts";
import { nothingOf } from "../src/archive/journal/held.ts";
import type { JournalEntry } from "../src/archive/journal/entry.ts";
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

type Wanted = { taskId: string; clipId: string; kind: string };

/** Lets every wanted file of an archive be stored, as an empty one: what is measured afterwards looks at no bytes. */
export function storeAll(home: string): void {
  const db = openArchive(home);
  try {
    const rows = db.$client
      .prepare<[], Wanted>(`select task_id as "taskId", clip_id as "clipId", kind from assets where state = 'wanted'`)
      .all();
    const at = Date.now();
    const entries = rows.map((row): JournalEntry => {
      const path = `${row.clipId.slice(0, 2)}/${row.clipId}.${row.kind === "audio" ? "m4a" : "jpg"}`;
      put(join(home, "assets", path));
      return { type: "stored", at, ...row, path, bytes: 0, sha256: EMPTY, ...UNKNOWN };
    });
    openJournal({ home, db }).write((append) => {
      append(entries, at);
      replayLines(
        db,
        entries.map((entry) => ({ upTo: nothingOf(""), seq: null, entry })),
      );
    });
  } finally {
    db.$client.close();
  }
}

function put(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, "");
}
