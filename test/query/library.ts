import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createArchive, openArchive } from "../../src/db/archive-file.ts";
import { CURRENT_RULES } from "../../src/archive/rules.ts";
import type { Database } from "../../src/db/connection.ts";
import { titleKeyOf } from "../../src/db/title-keys.ts";
import { assets, clips, taskClips, taskDocuments, tasks, trackedTasks } from "../../src/db/schema.ts";

type Values<Table extends { $inferInsert: object }> = Partial<Table["$inferInsert"]>;

/** A small archive on disk to read from, and its folder; disposing removes both. */
export type Library = Disposable & {
  home: string;
  assetsRoot: string;
  db: Database;
  /** A tracked and answered task with its document. */
  task(id: string, values?: Values<typeof tasks> & { document?: string }): void;
  tracked(id: string, values?: Values<typeof trackedTasks>): void;
  /** A clip of a task (made when it is not there), at the next position. */
  clip(id: string, values?: Values<typeof clips>): void;
  /** A file of a clip, or with `clipId: null` of a task; a stored one lies on the disk too. */
  file(clipId: string | null, values?: Values<typeof assets>): void;
};

export const CREATED = Date.UTC(2026, 10, 20, 12);

export function makeLibrary(): Library {
  const home = mkdtempSync(join(tmpdir(), "query-"));
  const assetsRoot = join(home, "assets");
  createArchive(home, "library", Date.now(), CURRENT_RULES);
  const db = openArchive(home);
  const library: Library = {
    home,
    assetsRoot,
    db,
    task(id, { document = `{"id":"${id}"}`, ...values } = {}) {
      const row = { id, state: "succeeded", type: "audios", action: "generate", model: "FUZZ-2.0", createdAt: CREATED };
      db.insert(tasks)
        .values({
          ...row,
          titleKey: titleKeyOf(values.title),
          documentVersion: 1,
          firstSeenAt: CREATED,
          updatedAt: CREATED,
          ...values,
        })
        .run();
      const sha256 = "0".repeat(64);
      db.insert(taskDocuments)
        .values({ taskId: id, version: 1, kind: "record", fetchedAt: CREATED, sha256, document })
        .run();
      library.tracked(id, { state: values.state ?? "succeeded" });
    },
    tracked(id, values = {}) {
      db.insert(trackedTasks)
        .values({ taskId: id, source: "test", addedAt: CREATED, ...values })
        .run();
    },
    clip(id, values = {}) {
      const taskId = values.taskId ?? `task-of-${id}`;
      if (
        !db
          .select()
          .from(tasks)
          .all()
          .some((row) => row.id === taskId)
      )
        library.task(taskId);
      const row = {
        id,
        taskId,
        state: "succeeded",
        model: "FUZZ-2.0",
        action: "generate",
        durationSeconds: 100,
        createdAt: CREATED,
      };
      db.insert(clips)
        .values({ ...row, titleKey: titleKeyOf(values.title), firstSeenAt: CREATED, updatedAt: CREATED, ...values })
        .run();
      const position = db
        .select()
        .from(taskClips)
        .all()
        .filter((one) => one.taskId === taskId).length;
      db.insert(taskClips).values({ taskId, position, clipId: id }).run();
    },
    file(clipId, values = {}) {
      const kind = values.kind ?? "audio";
      const taskId = values.taskId ?? `task-of-${clipId}`;
      const stored = (values.state ?? "stored") === "stored";
      const path = stored ? `${(clipId ?? taskId).slice(0, 2)}/${clipId ?? taskId}.${kind}` : null;
      db.insert(assets)
        .values({
          taskId,
          clipId,
          kind,
          url: `https://example.com/${kind}`,
          state: "stored",
          path,
          bytes: stored ? 1000 : null,
          ...values,
        })
        .run();
      if (!path) return;
      mkdirSync(dirname(join(assetsRoot, path)), { recursive: true });
      writeFileSync(join(assetsRoot, path), "x");
    },
    [Symbol.dispose]() {
      db.$client.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
  return library;
}
