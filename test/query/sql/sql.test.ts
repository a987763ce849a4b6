import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import PQueue from "p-queue";
import Sqlite from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { QueryError } from "../../../src/lib/errors.ts";
import { runSql, type SqlOptions, type SqlRow } from "../../../src/query/sql/sql.ts";
import { makeLibrary, type Library } from "../library.ts";
import { CORPUS } from "./sql-corpus.ts";

const ENDLESS = "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n";
const MEGABYTE = 1024 * 1024;
let library: Library;
let outside: string;

beforeAll(() => {
  library = makeLibrary();
  library.clip("a", { title: "Neon" });
  library.clip("b", { title: "Autumn" });
  library.task("poisoned", { document: "[".repeat(2000) + "]".repeat(2000) });
  library.clip("c", { title: null, taskId: "poisoned" });
  outside = mkdtempSync(join(tmpdir(), "sql-outside-"));
  const other = new Sqlite(join(outside, "other.db"));
  other.exec("create table secret (word); insert into secret values ('s3cret')");
  other.close();
});
afterAll(() => {
  library[Symbol.dispose]();
  rmSync(outside, { recursive: true });
});

type Asked = { rows: SqlRow[]; cut: boolean; columns: string[] };

async function ask(sql: string, options: Partial<SqlOptions> = {}): Promise<Asked> {
  const path = join(library.home, "archive.db");
  const signal = new AbortController().signal;
  await using answer = await runSql({
    path,
    sql,
    maxRows: 1000,
    timeMs: 5000,
    memoryBytes: 512 * MEGABYTE,
    signal,
    ...options,
  });
  const rows: SqlRow[] = [];
  for await (const row of answer.rows) rows.push(row);
  return { rows, cut: answer.cut, columns: answer.columns };
}

async function refusal(sql: string, options: Partial<SqlOptions> = {}): Promise<QueryError> {
  const outcome: unknown = await ask(sql, options).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(QueryError);
  return outcome as QueryError;
}

/** Every file there is in the places where a query could leave one, and the digest of the database. */
function surroundings(): { files: string[]; digest: string } {
  const files = [library.home, outside, process.cwd()].flatMap((folder) =>
    readdirSync(folder).map((name) => join(folder, name)),
  );
  const digest = ["archive.db", "archive.db-wal"].map((name) =>
    createHash("sha256")
      .update(readFileSync(join(library.home, name)))
      .digest("hex"),
  );
  return { files, digest: digest.join() };
}

describe("runSql", () => {
  it("J120 J125: allows and refuses the corpus as tabled, and leaves no trace", async () => {
    expect(CORPUS.length).toBeGreaterThanOrEqual(80);
    const before = surroundings();
    const verdicts = await new PQueue({ concurrency: 3 }).addAll(
      CORPUS.map(([sql, expected]) => async () => {
        const text = sql.replaceAll("OTHER", join(outside, "other.db")).replaceAll("NEW", join(outside, "new.db"));
        const outcome = await ask(text).catch((error: unknown) => error as QueryError);
        if (!(outcome instanceof Error))
          return [sql, expected === "some" && outcome.rows.length > 0 ? "some" : outcome.rows.length];
        expect(outcome).toMatchObject({ name: "QueryError", exit: 10 });
        expect(outcome.message).not.toContain("s3cret");
        return [
          sql,
          outcome.code === "query_refused" ? "refused" : outcome.code === "query_failed" ? "error" : outcome.code,
        ];
      }),
    );
    expect(verdicts).toEqual(CORPUS);
    expect(surroundings()).toEqual(before);
    expect(existsSync(join(outside, "new.db"))).toBe(false);
  }, 120_000);

  it("gives columns, exact integers, blobs and infinities; a name that comes twice gets a number", async () => {
    const sql =
      "select 1 as a, 2 as a, 9007199254740993 as big, x'00ff' as blob, 1e999 as much, null as none, 'ü' as \"__proto__\"";
    const { columns, rows } = await ask(sql);
    expect(columns).toEqual(["a", "a_2", "big", "blob", "much", "none", "__proto__"]);
    expect(Object.entries(rows[0] ?? {})).toEqual([
      ["a", 1],
      ["a_2", 2],
      ["big", "9007199254740993"],
      ["blob", "00ff"],
      ["much", "Infinity"],
      ["none", null],
      ["__proto__", "ü"],
    ]);
  });

  it("says what SQLite says", async () => {
    expect(await refusal("select * from nope")).toMatchObject({ message: "no such table: nope", code: "query_failed" });
    expect((await refusal("select 1 from from")).message).toMatch(/syntax error/);
  });

  it("J123: cuts at the row limit and says so", async () => {
    const sql = "with recursive n(x) as (select 1 union all select x + 1 from n limit 1001) select x from n";
    expect(await ask(sql)).toMatchObject({ cut: true, rows: { length: 1000 } });
    expect(await ask(sql, { maxRows: 1001 })).toMatchObject({ cut: false, rows: { length: 1001 } });
    expect(await ask(sql, { maxRows: 0 })).toMatchObject({ cut: false, rows: { length: 1001 } });
  });

  it("J123: a reader that leaves ends the child", async () => {
    const sql = "with recursive n(x) as (select 1 union all select x + 1 from n) select x from n";
    const path = join(library.home, "archive.db");
    const children = childrenOf(process.pid);
    {
      const options = {
        path,
        sql,
        maxRows: 0,
        timeMs: 5000,
        memoryBytes: 512 * MEGABYTE,
        signal: new AbortController().signal,
      };
      await using answer = await runSql(options);
      for await (const row of answer.rows) if (row["x"] === 100_000) break;
    }
    expect(childrenOf(process.pid)).toEqual(children);
  });

  it.each([
    ["an endless recursion", ENDLESS],
    [
      "a cross join",
      "with n(x) as (select value from json_each('[' || replace(hex(zeroblob(5000)), '00', '1,') || '1]')) select count(*) from n a, n b, n c",
    ],
    [
      "a huge LIKE",
      "with recursive n(x) as (select 1 union all select x + 1 from n) select sum(printf('%.*c', 1000000, 'a') like '%ab%') from n",
    ],
  ])("J121: stops %s at its time, and its process", async (_what, sql) => {
    const children = childrenOf(process.pid);
    const error = await refusal(sql, { timeMs: 500 });
    expect(error).toMatchObject({ code: "query_time_limit", message: "the query went over the 0.5 s limit", exit: 10 });
    expect(childrenOf(process.pid)).toEqual(children);
  });

  it("J121: waits for a slow reader without counting the time against the query", async () => {
    const sql =
      "with recursive n(x) as (select 1 union all select x + 1 from n limit 50000) select x, printf('%.*c', 100, 'x') from n";
    const path = join(library.home, "archive.db");
    await using answer = await runSql({
      path,
      sql,
      maxRows: 0,
      timeMs: 1500,
      memoryBytes: 512 * MEGABYTE,
      signal: new AbortController().signal,
    });
    let count = 0;
    for await (const _row of answer.rows) {
      if (++count % 10_000 === 0) await new Promise((resolve) => setTimeout(resolve, 500));
    }
    expect(count).toBe(50_000);
  });

  it.each([
    ["randomblob", "select length(randomblob(500000000))"],
    ["printf", "select length(printf('%.*c', 400000000, 'x'))"],
    ["a row that is read", "select printf('%.*c', 400000000, 'x')"],
    [
      "group_concat",
      "with recursive n(x) as (select 1 union all select x + 1 from n limit 100000) select length(group_concat(printf('%.*c', 100000, 'x'))) from n",
    ],
    [
      "replace",
      "select length(replace(replace(printf('%.*c', 3000, 'x'), 'x', printf('%.*c', 3000, 'y')), 'y', printf('%.*c', 90, 'z')))",
    ],
  ])("J122: stops a blow-up by %s at its memory", async (_what, sql) => {
    const before = process.memoryUsage().rss;
    expect(await refusal(sql, { timeMs: 60_000 })).toMatchObject({
      code: "query_memory_limit",
      message: "the query went over the 512 MB limit",
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(50 * MEGABYTE);
  });

  it("J122: refuses one row that no reader could hold", async () => {
    expect((await refusal("select printf('%.*c', 20000000, 'x')")).message).toBe("one row has over 16 MB");
  });

  it("ends when it is aborted", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 400);
    await expect(ask(ENDLESS, { signal: controller.signal })).rejects.toThrow("aborted");
  });

  it("J124: a document nested too deep spoils no view", async () => {
    expect((await ask("select title from songs order by title")).rows).toEqual([
      { title: null },
      { title: "Autumn" },
      { title: "Neon" },
    ]);
    const guarded =
      "select task_id from task_documents where json_valid(document) and json_extract(document, '$.id') = 'task-of-a'";
    expect((await ask(guarded)).rows).toEqual([{ task_id: "task-of-a" }]);
  });

  it.runIf(process.platform === "linux")("J122: has bounds in the kernel, beneath the parent's watch", async () => {
    const seen = childrenOf(process.pid);
    const end = new AbortController();
    const asked = ask(ENDLESS, { timeMs: 60_000, signal: end.signal }).catch(() => {});
    const limits = () =>
      childrenOf(process.pid)
        .filter((pid) => !seen.includes(pid))
        .map((pid) => readFileSync(`/proc/${pid}/limits`, "utf8"))
        .join("\n");
    await expect.poll(limits, { timeout: 60_000 }).toMatch(/Max cpu time +135 /);
    expect(limits()).toMatch(/Max core file size +0 /);
    expect(limits()).toMatch(/Max data size +\d+ /);
    end.abort();
    await asked;
  });

  it.runIf(process.platform === "linux")("gives the child no environment", async () => {
    const seen = childrenOf(process.pid);
    const end = new AbortController();
    const asked = ask(ENDLESS, { timeMs: 60_000, signal: end.signal }).catch(() => {});
    const started = () =>
      childrenOf(process.pid).filter((pid) => !seen.includes(pid) && commandOf(pid).includes("child"));
    await expect.poll(() => started().length, { timeout: 60_000 }).toBe(1);
    for (const pid of started()) expect(readFileSync(`/proc/${pid}/environ`, "utf8")).not.toContain("PATH=");
    end.abort();
    await asked;
  });
});

/** Ids of the direct children of a process that are running node or prlimit. */
function childrenOf(pid: number): number[] {
  if (process.platform !== "linux") return [];
  const path = `/proc/${pid}/task/${pid}/children`;
  return readFileSync(path, "utf8").trim().split(" ").filter(Boolean).map(Number);
}

const commandOf = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, "utf8");
