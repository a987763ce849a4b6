import { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createOutput, type OutputOptions } from "../../../src/print/output/output.ts";
import type { Listing } from "../../../src/print/output/rows.ts";
import { DiskError, QueryError } from "../../../src/lib/errors.ts";

/** A stream that keeps what is written to it, as slowly as asked, or fails with a code. */
class Kept extends Writable {
  text = "";
  isTTY = false;
  columns = 40;
  delay = 0;
  failure: string | undefined;

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    if (this.failure) return done(Object.assign(new Error(this.failure), { code: this.failure }));
    this.text += chunk.toString();
    if (this.delay > 0) setTimeout(done, this.delay);
    else done();
  }
}

function make(options: Partial<OutputOptions> & { tty?: boolean } = {}) {
  const [stdout, stderr] = [new Kept(), new Kept()];
  if (options.tty) stdout.isTTY = stderr.isTTY = true;
  return { stdout, stderr, output: createOutput({ stdout, stderr, env: {}, ...options }) };
}

type Row = { id: number; title: string | null };
const ROWS: Row[] = [
  { id: 1, title: "=1+1" },
  { id: 2, title: "\u001b[2J\u202e" },
  { id: 3, title: null },
];
const LISTING: Listing<Row> = {
  fields: ["id", "title"],
  columns: [
    { title: "id", text: ({ id }) => String(id), align: "right" },
    { title: "title", text: ({ title }) => title ?? "" },
  ],
};
const ERROR = new QueryError("it went\nwrong \u001b[2J", { hint: "do this\nor that", code: "query_failed" });

describe("createOutput", () => {
  it("puts data on stdout and talk on stderr, each as whole lines", async () => {
    const { output, stdout, stderr } = make();
    output.print("one\ntwo");
    output.note("three");
    output.detail("only when verbose");
    await output.close();
    expect([stdout.text, stderr.text]).toEqual(["one\ntwo\n", "three\n"]);
  });

  it.each([false, true])("K128: lets no escape through (terminal: %s)", async (tty) => {
    const { output, stdout, stderr } = make({ tty, env: { NO_COLOR: "1" } });
    output.print("\u001b]0;x\u0007\r\u202e");
    output.note("a\nb\u009b");
    output.configure({ verbose: true });
    output.detail("\u0007");
    await output.error(ERROR);
    await output.rows("table", ROWS, LISTING);
    await output.rows("csv", ROWS, LISTING);
    await output.json(ROWS);
    await output.rows("ndjson", ROWS, LISTING);
    expect((stdout.text + stderr.text).replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  });

  it("says nothing but errors when quiet", async () => {
    const { output, stderr } = make({ quiet: true, verbose: true });
    output.note("a");
    output.detail("b");
    using _line = output.progress(() => "c");
    await output.error(ERROR);
    expect(stderr.text).toBe("error: it went\\u000awrong \\u001b[2J\n  do this\n  or that\n");
  });

  it("K132: gives an error as the one document, with the counts there are", async () => {
    const { output, stdout, stderr } = make({ json: true });
    await output.error(ERROR, { checked: 3 });
    expect(JSON.parse(stdout.text)).toEqual({
      checked: 3,
      error: { code: "query_failed", message: "it went\nwrong \u001b[2J", hint: "do this\nor that", exit: 10 },
    });
    expect(stderr.text).toMatch(/^error: it went/);
  });

  it("K132: adds no second document", async () => {
    const { output, stdout } = make({ json: true });
    await output.json({ a: 1 });
    await output.error(ERROR);
    expect(JSON.parse(stdout.text)).toEqual({ a: 1 });
  });

  it("K132: gives the error when rows failed before the first of them", async () => {
    const { output, stdout } = make({ json: true });
    const failing: Iterable<Row> = {
      [Symbol.iterator]: () => {
        throw ERROR;
      },
    };
    await expect(output.rows("json", failing, LISTING)).rejects.toThrow(ERROR);
    await output.error(ERROR);
    expect(JSON.parse(stdout.text)).toHaveProperty("error.exit", 10);
  });

  it("prints rows in every format", async () => {
    const print = async (format: "table" | "json" | "ndjson" | "csv", rows: Row[]) => {
      const { output, stdout } = make();
      await output.rows(format, rows, LISTING);
      return stdout.text;
    };
    expect(await print("csv", ROWS)).toBe("id,title\n1,'=1+1\n2,\\u001b[2J\\u202e\n3,\n");
    expect(await print("table", ROWS)).toBe("id  title\n 1  =1+1\n 2  \\u001b[2J\\u202e\n 3\n");
    expect(JSON.parse(await print("json", ROWS))).toEqual(ROWS);
    expect(
      (await print("ndjson", ROWS))
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Row),
    ).toEqual(ROWS);
    expect(await Promise.all([print("json", []), print("ndjson", []), print("csv", []), print("table", [])])).toEqual([
      "[]\n",
      "",
      "id,title\n",
      "",
    ]);
  });

  it("waits for a slow reader instead of filling the memory", async () => {
    const { output, stdout } = make();
    stdout.delay = 2;
    let given = 0;
    let most = 0;
    const rows = (function* (): Generator<Row> {
      for (; given < 5000; given++) {
        most = Math.max(most, stdout.writableLength);
        yield { id: given, title: "x".repeat(100) };
      }
    })();
    await output.rows("ndjson", rows, LISTING);
    expect(stdout.text.split("\n")).toHaveLength(5001);
    expect(most).toBeLessThan(40_000);
  });

  it("K130: ends in silence when the reader is gone", async () => {
    const { output, stdout } = make();
    stdout.failure = "EPIPE";
    let given = 0;
    const rows = (function* (): Generator<Row> {
      for (; ; given++) yield { id: given, title: "x".repeat(1000) };
    })();
    await output.rows("ndjson", rows, LISTING);
    expect(given).toBeLessThan(100);
    expect(output.readerGone.aborted).toBe(true);
    output.print("more");
    await output.json({});
    expect(await output.close()).toBeUndefined();
  });

  it("K130: a full disk is an error of exit 7, in what is awaited and at the end", async () => {
    const { output, stdout } = make();
    stdout.failure = "ENOSPC";
    output.print("lost");
    await expect(output.flush()).rejects.toThrow(DiskError);
    await expect(output.rows("csv", ROWS, LISTING)).rejects.toMatchObject({ exit: 7, code: "disk_full" });
    await expect(output.json({})).rejects.toMatchObject({ exit: 7 });
    expect(await output.close()).toMatchObject({ exit: 7 });
  });

  it("a stderr that nobody reads changes nothing", async () => {
    const { output, stdout, stderr } = make();
    stderr.failure = "EPIPE";
    output.note("a");
    output.print("b");
    expect(await output.close()).toBeUndefined();
    expect(stdout.text).toBe("b\n");
  });

  it.each([
    [true, {}, true],
    [true, { NO_COLOR: "1" }, false],
    [true, { TERM: "dumb" }, false],
    [false, {}, false],
  ])("K131: colours only on a terminal that wants them (%s, %j)", async (tty, env, coloured) => {
    const { output, stdout, stderr } = make({ tty, env });
    await output.rows("table", ROWS.slice(0, 1), LISTING);
    await output.error(ERROR);
    expect(stdout.text.includes("\u001b[1m")).toBe(coloured);
    expect(stderr.text.includes("\u001b[1;31m")).toBe(coloured);
  });

  it("gives exact text to a pipe, and a safe one to a terminal", async () => {
    const [pipe, terminal] = [make(), make({ tty: true })];
    for (const { output } of [pipe, terminal]) await output.printExactly('{"a":"\u202e\u007f"}');
    expect(pipe.stdout.text).toBe('{"a":"\u202e\u007f"}');
    expect(terminal.stdout.text).toBe('{"a":"\\u202e\\u007f"}\n');
  });
});

describe("progress", () => {
  it("is one live line on a terminal, out of the way of other output", async () => {
    const { output, stdout, stderr } = make({ tty: true });
    let count = 0;
    {
      using _line = output.progress(() => `tasks ${++count} ${"x".repeat(100)}\u001b[2J`);
      await sleep(250);
      output.print("a row");
      output.note("a word");
      await sleep(150);
    }
    expect(stdout.text).toBe("a row\n");
    const drawn = stderr.text.split("\r\u001b[2K");
    expect(drawn.length).toBeGreaterThan(3);
    expect(drawn.at(-1)).toBe("");
    expect(drawn).toContain("a word\n");
    for (const line of drawn) {
      expect(line.trim()).not.toMatch(/\p{Cc}/u);
      expect(line.length).toBeLessThan(40);
    }
  });

  it.each([
    ["a pipe", { tty: false, env: {} }],
    ["CI", { tty: true, env: { CI: "true" } }],
    ["a dumb terminal", { tty: true, env: { TERM: "dumb" } }],
  ])("is a plain line now and then in %s", async (_what, options) => {
    const { output, stderr } = make({ ...options, plainEvery: 60 });
    {
      using _line = output.progress(() => "tasks 1/2");
      expect(stderr.text).toBe("");
      await sleep(150);
    }
    expect(stderr.text).toMatch(/^(tasks 1\/2\n){1,2}$/);
  });

  it("is off with --no-progress", async () => {
    const { output, stderr } = make({ tty: true, progress: false });
    using _line = output.progress(() => "tasks");
    await sleep(120);
    expect(stderr.text).toBe("");
  });
});
