import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UsageError } from "../../../src/lib/errors.ts";
import { childrenOf, madeFrom } from "../../../src/query/lineage/ids.ts";
import { treeRows } from "../../../src/query/lineage/tree.ts";
import { lineage } from "../../../src/query/lineage/lineage.ts";
import { CREATED, makeLibrary, type Library } from "../library.ts";

let library: Library;
beforeEach(() => void (library = makeLibrary()));
afterEach(() => library[Symbol.dispose]());

const DAY = 86_400_000;
let day = 0;

/** A clip and its task, a day after the one before. */
function song(id: string, from?: string, more: Parameters<Library["task"]>[1] = {}): void {
  const createdAt = CREATED + day++ * DAY;
  library.task(`task-of-${id}`, { referenceAudioId: from ?? null, createdAt, ...more });
  library.clip(id, { createdAt, title: `Song ${id}` });
}

/** The tree as lines: depth, id, and how it was made. */
function tree(id: string): string[] {
  return [...treeRows(lineage(library.db, id))].map(
    ({ node, edge, depth, again, alsoFrom }) =>
      `${"-".repeat(depth)}${node.asked ? "*" : ""}${node.id}${edge ? ` ${edge.action} ${edge.role}` : ""}${again ? " again" : ""}${alsoFrom.map((one) => ` with ${one.id}`).join("")}`,
  );
}

function ids(which: ReturnType<typeof madeFrom>): string[] {
  return library.db.all<{ id: string }>(sql`select id from clips where id in ${which} order by id`).map(({ id }) => id);
}

function family(): void {
  song("a");
  song("b", "a", { action: "cover" });
  song("c", "b", { action: "extend", continueAt: 12 });
  song("d", "a", { action: "variation" });
  song("e");
  song("f", "d", { action: "swap_vocals", swapAudioId: "e" });
}

describe("lineage", () => {
  it("goes up to the first and down to the last, and marks what was asked", () => {
    family();
    expect(tree("c")).toEqual([
      "a",
      "-b cover reference",
      "--*c extend reference",
      "-d variation reference",
      "--f swap_vocals reference with e",
    ]);
    expect(tree("task-of-c")).toEqual(tree("c"));
  });

  it("has both parents of a swap, below both when both are its own", () => {
    family();
    expect(tree("f").slice(-3)).toEqual(["--*f swap_vocals reference", "e", "-*f swap_vocals swap again"]);
    expect(lineage(library.db, "f")).toMatchObject({ kind: "clip", id: "f", roots: ["a", "e"] });
    expect(lineage(library.db, "f").edges).toContainEqual({
      from: "e",
      to: "f",
      role: "swap",
      action: "swap_vocals",
      taskId: "task-of-f",
      createdAt: expect.stringMatching(/^2026-/) as string,
      continueAt: null,
      replaceSectionStart: null,
      replaceSectionEnd: null,
    });
  });

  it("puts a placeholder where a parent is not in the archive, which can be asked for as well", () => {
    song("child", "never-tracked", { action: "cover" });
    song("other", "never-tracked", { action: "extend" });
    const all = ["never-tracked", "-*child cover reference", "-other extend reference"];
    expect(tree("child")).toEqual(all);
    expect(lineage(library.db, "child").nodes.at(-1)).toMatchObject({
      id: "never-tracked",
      kind: "unknown",
      taskId: null,
    });
    expect(tree("never-tracked").map((line) => line.replace("*", ""))).toEqual(
      all.map((line) => line.replace("*", "")),
    );
    expect(() => lineage(library.db, "nothing-at-all")).toThrow(UsageError);
  });

  it("calls a task that is tracked and has no record by what is known of it", () => {
    library.tracked("asked", { state: "pending", attempts: 1 });
    expect(lineage(library.db, "asked").nodes).toMatchObject([
      { id: "asked", kind: "task", taskId: "asked", state: "not answered", asked: true },
    ]);
  });

  it("shows removed songs as such, and tasks without a clip", () => {
    song("a");
    song("b", "a", { action: "cover" });
    library.db.run(sql`update clips set removed_at = 1, purged_at = 2, title = null where id = 'b'`);
    library.task("failed", { referenceAudioId: "a", action: "extend", state: "failed" });
    const byId = Object.fromEntries(lineage(library.db, "a").nodes.map((node) => [node.id, node]));
    expect(byId).toMatchObject({
      a: { kind: "clip", removed: false, purged: false, asked: true },
      b: { kind: "clip", removed: true, purged: true, asked: false },
      failed: { kind: "task", state: "failed" },
    });
    expect(tree("failed")).toContain("-*failed extend reference");
  });

  it("tells once what several tasks show", () => {
    song("a");
    song("b", "a", { action: "cover" });
    library.task("again", { referenceAudioId: "a", action: "cover", createdAt: CREATED + 900 * DAY });
    library.db.run(
      sql`insert into task_clips (task_id, position, clip_id) values ('again', 0, 'b'), ('again', 1, 'b')`,
    );
    expect(tree("a")).toEqual(["*a", "-b cover reference"]);
    expect(tree("again")).toEqual(["a", "-*b cover reference"]);
  });

  it("knows an upload, which has no clip of its own, by its document", () => {
    library.task("up", { type: "upload", document: '{"response":{"data":{"audio_id":"memo"}}}' });
    song("sung", "memo", { action: "upload_cover" });
    expect(tree("sung")).toEqual(["memo", "-*sung upload_cover reference"]);
    expect(lineage(library.db, "up").nodes).toMatchObject([
      { id: "memo", kind: "upload", taskId: "up", asked: true },
      {},
    ]);
  });

  it("ends in circles, of one, two, or three with a tail", () => {
    song("self", "self", { action: "cover" });
    expect(tree("self")).toEqual(["*self"]);
    song("x", "z");
    song("y", "x");
    song("z", "y");
    song("tail", "y");
    expect(tree("tail")).toEqual([
      "x",
      "-y generate reference",
      "--z generate reference",
      "---x generate reference again",
      "--*tail generate reference",
    ]);
  });

  it("follows a chain of 10,000 both ways", () => {
    const client = library.db.$client;
    client.transaction(() => {
      const task = client.prepare(
        "insert into tasks (id, state, action, reference_audio_id, document_version, first_seen_at, updated_at) values (?, 'succeeded', 'extend', ?, 1, 1, 1)",
      );
      const clip = client.prepare(
        "insert into clips (id, task_id, state, created_at, first_seen_at, updated_at) values (?, ?, 'succeeded', ?, 1, 1)",
      );
      const path = client.prepare("insert into task_clips (task_id, position, clip_id) values (?, 0, ?)");
      for (let at = 0; at < 10_000; at++) {
        task.run(`t${at}`, at === 0 ? null : `c${at - 1}`);
        clip.run(`c${at}`, `t${at}`, at);
        path.run(`t${at}`, `c${at}`);
      }
    })();
    const reported = lineage(library.db, "c5000");
    const rows = [...treeRows(reported)];
    expect([reported.nodes.length, reported.edges.length, reported.roots]).toEqual([10_000, 9999, ["c0"]]);
    expect([rows.length, rows.at(-1)?.depth, rows.at(-1)?.more.length]).toEqual([10_000, 9999, 8]);
  });
});

describe("the ids alone, for filters", () => {
  it("are those made from a clip, step by step or in one", () => {
    family();
    expect(ids(madeFrom("a"))).toEqual(["a", "b", "c", "d", "f"]);
    expect(ids(madeFrom("e"))).toEqual(["e", "f"]);
    expect(ids(childrenOf("a"))).toEqual(["b", "d"]);
    expect(ids(childrenOf("e"))).toEqual(["f"]);
    expect(ids(childrenOf("nothing"))).toEqual([]);
  });

  it("read indexes, and no big table whole", () => {
    for (const which of [madeFrom("a"), childrenOf("a")]) {
      const { sql: text, params } = library.db
        .select({ id: sql`id` })
        .from(sql`clips`)
        .where(sql`id in ${which}`)
        .toSQL();
      const plan = library.db.$client.prepare(`explain query plan ${text}`).all(...params) as { detail: string }[];
      const scans = plan
        .map(({ detail }) => detail)
        .filter((detail) => /^SCAN (tasks|task_clips|clips)\b/.test(detail));
      expect(scans).toEqual([]);
      expect(plan.some(({ detail }) => detail.includes("tasks_reference_audio"))).toBe(true);
      expect(plan.some(({ detail }) => detail.includes("tasks_swap_audio"))).toBe(true);
    }
  });
});
