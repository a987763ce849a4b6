import { expect, it } from "vitest";
import { beginReadTransaction, write } from "../../src/archive/transaction.ts";
import { openArchive } from "../../src/db/archive-file.ts";
import { temporaryArchive } from "../helpers/temporary-archive.ts";

const ADD = "insert into tracked_tasks (task_id, source, added_at) values (?, 'test', 1)";

it("a read transaction sees one state of the archive while others write, and ends once", () => {
  using archive = temporaryArchive();
  const reader = openArchive(archive.home, { readOnly: true });
  const count = () => reader.$client.prepare("select count(*) from tracked_tasks").pluck().get();
  try {
    const reading = beginReadTransaction(reader);
    expect(count()).toBe(0);
    archive.db.$client.prepare(ADD).run("one");
    expect(count()).toBe(0);
    reading[Symbol.dispose]();
    expect(count()).toBe(1);
    reading[Symbol.dispose]();
    const next = beginReadTransaction(reader);
    reader.$client.exec("rollback");
    next[Symbol.dispose]();
    expect(reader.$client.inTransaction).toBe(false);
  } finally {
    reader.$client.close();
  }
});

it("a write transaction keeps all or nothing, and returns what was made", () => {
  using archive = temporaryArchive();
  const add = (id: string) => archive.db.$client.prepare(ADD).run(id).changes;
  expect(write(archive.db, () => add("one") + add("two"))).toBe(2);
  expect(() => write(archive.db, () => add("three") + add("one"))).toThrow("UNIQUE");
  expect(archive.db.$client.prepare("select task_id from tracked_tasks order by 1").pluck().all()).toEqual([
    "one",
    "two",
  ]);
});
