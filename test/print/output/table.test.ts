import { describe, expect, it } from "vitest";
import { tableLines, type Column } from "../../../src/print/output/table.ts";
import { ANY_WIDTHS } from "../../../src/lib/text/any-widths.ts";

type Row = { id: string; title: string; length: string; model: string };
const COLUMNS: Column<Row>[] = [
  { title: "id", text: ({ id }) => id },
  { title: "title", text: ({ title }) => title, overflow: "shrink" },
  { title: "length", text: ({ length }) => length, align: "right" },
  { title: "model", text: ({ model }) => model, overflow: "drop" },
];
const ROWS: Row[] = [
  { id: "1", title: "A title that is rather long for this", length: "2:15", model: "FUZZ-2.0" },
  { id: "2", title: "春江花月夜", length: "12:15", model: "FUZZ-2.0 Pro" },
  { id: "3", title: "\u001b[2J\nx 👨‍👩‍👧", length: "", model: "" },
];

async function lines(rows: Iterable<Row>, width?: number): Promise<string[]> {
  const all: string[] = [];
  for await (const line of tableLines(rows, COLUMNS, { width, heading: (text) => text })) all.push(line);
  return all;
}

describe("tableLines", () => {
  it("K128: aligns every script, and shows what a terminal would obey", async () => {
    expect(await lines(ROWS)).toEqual([
      "id  title                                 length  model",
      "1   A title that is rather long for this    2:15  FUZZ-2.0",
      "2   春江花月夜                             12:15  FUZZ-2.0 Pro",
      "3   \\u001b[2J\\u000ax 👨‍👩‍👧",
    ]);
  });

  it.each([60, 40, 24])("keeps to %i columns: cuts titles, then leaves out the model", async (width) => {
    const all = await lines(ROWS, width);
    expect(Math.max(...all.map(ANY_WIDTHS.widthOf))).toBeLessThanOrEqual(width);
    expect(all.map((line) => line.slice(0, 1))).toEqual(["i", "1", "2", "3"]);
    expect(all[0]?.includes("model")).toBe(width > 24);
  });

  it("in a terminal without room for all: short ids, the title keeps its share, and what is left out is reported", async () => {
    const columns: Column<Row>[] = [
      { title: "title", text: ({ title }) => title, overflow: "shrink", least: 30 },
      { title: "model", text: ({ model }) => model, overflow: "drop" },
      { title: "id", text: ({ id }) => `${id}-of-36-characters`, short: ({ id }) => id },
    ];
    const show = async (width: number | undefined) => {
      const [all, dropped]: [string[], string[]] = [[], []];
      const onDropped = (titles: string[]) => void dropped.push(...titles);
      for await (const one of tableLines(ROWS, columns, { width, onDropped, heading: (text) => text })) all.push(one);
      return { first: all[1], dropped };
    };
    const whole = "A title that is rather long for this  FUZZ-2.0      1-of-36-characters";
    expect(await show(undefined)).toEqual({ first: whole, dropped: [] });
    expect(await show(80)).toEqual({ first: whole, dropped: [] });
    expect(await show(60)).toEqual({ first: "A title that is rather long for this  FUZZ-2.0      1", dropped: [] });
    expect(await show(40)).toEqual({ first: "A title that is rather long for this  1", dropped: ["model"] });
    expect(await show(36)).toEqual({ first: "A title that is rather long for…  1", dropped: ["model"] });
  });

  it("K131: shows the same rows on 20 columns, where the widest gives way", async () => {
    const all = await lines(ROWS, 20);
    expect(all).toHaveLength(4);
    expect(Math.max(...all.map(ANY_WIDTHS.widthOf))).toBeLessThanOrEqual(20);
  });

  it.each([80, 60])("keeps as many columns as a query may have within %i", async (width) => {
    const columns = Array.from({ length: 13 }, (_, at) => ({
      title: `column ${at}`,
      text: (row: Row) => row.title,
      narrow: "shrink" as const,
    }));
    const all: string[] = [];
    for await (const text of tableLines(ROWS, columns, { width, heading: (one) => one })) all.push(text);
    expect(all).toHaveLength(4);
    expect(Math.max(...all.map(ANY_WIDTHS.widthOf))).toBeLessThanOrEqual(Math.max(width, 13 * 5 - 2));
  });

  it("cuts what is always whole only when there is nothing else to cut", async () => {
    const ids = ["1dd08826-478e-43a6-868f-aff5ababac2c"];
    const rows = ids.map((id) => ({ id, title: "A title that is rather long", length: "2:15", model: "" }));
    expect((await lines(rows, 60))[1]).toContain(ids[0]);
    expect((await lines(rows, 40))[1]).toMatch(/^1dd08826-[\w-]+… {2}A title t… /);
  });

  it("has no lines for no rows", async () => {
    expect(await lines([])).toEqual([]);
  });

  it("streams more rows than it measures", async () => {
    const many = Array.from({ length: 2500 }, (_, at) => ({ id: String(at), title: "t", length: "", model: "" }));
    expect(await lines(many, 80)).toHaveLength(2501);
  });
});
