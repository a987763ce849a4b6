import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createArchive, openArchive } from "../../../src/db/archive-file.ts";
import type { AssetKind } from "../../../src/lib/asset-kinds.ts";
import { findLostFiles } from "../../../src/sync/files/find-lost-files.ts";

const FILES = 1300;

test("each run looks at 500 files, and a few runs at all of them", async () => {
  const home = mkdtempSync(join(tmpdir(), "mirror-notice-"));
  createArchive(home);
  const db = openArchive(home);
  try {
    fill(db.$client);
    const seen = new Set<string>();
    let looked = 0;
    const isThere = async ({ path }: { path: string }) => {
      looked++;
      seen.add(path);
      return Promise.resolve(path !== "aa/700.m4a");
    };
    const downloader = { isThere };
    const lost: number[] = [];
    const emit = (event: { type: string; count?: number }) => event.type === "lost" && lost.push(event.count ?? 0);
    const kinds: AssetKind[] = ["audio"];
    for (let run = 7; run < 10; run++) {
      looked = 0;
      await findLostFiles({ db, downloader, emit }, { kinds, now: 0 }, run);
      expect(looked).toBe(500);
    }
    expect(seen.size).toBe(FILES);
    expect(lost).toEqual([1]);
    expect(db.all("select path, state, sha256 from assets where state <> 'stored'")).toEqual([
      { path: "aa/700.m4a", state: "wanted", sha256: "s700" },
    ]);
    await findLostFiles({ db, downloader, emit }, { kinds: ["image"], now: 0 }, 10);
    expect(looked).toBe(500);
  } finally {
    db.$client.close();
    rmSync(home, { recursive: true, force: true });
  }
});

function fill(db: ReturnType<typeof openArchive>["$client"]): void {
  db.exec("begin");
  const task = db.prepare(
    "insert into tasks (id, state, document_version, first_seen_at, updated_at) values (?, 'succeeded', 1, 1, 1)",
  );
  const file = db.prepare(
    "insert into assets (task_id, kind, url, path, state, bytes, sha256, stored_at) values (?, 'audio', 'https://x/', ?, 'stored', 1, ?, 1)",
  );
  for (let n = 0; n < FILES; n++) {
    task.run(`task ${n}`);
    file.run(`task ${n}`, `aa/${n}.m4a`, `s${n}`);
  }
  db.exec("commit");
}
