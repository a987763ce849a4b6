import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvRecord } from "../../../src/print/output/rows.ts";
import { safeText } from "../../../src/lib/text/terminal-safe.ts";

/** A reader of RFC 4180, written apart from the writer. */
function readCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\n)/gy;
  while (cell.lastIndex < text.length) {
    const match = cell.exec(text);
    if (!match) throw new Error(`no CSV from ${JSON.stringify(text)}`);
    record.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    if (match[3] === ",") continue;
    records.push(record);
    record = [];
  }
  return records;
}

describe("csvRecord", () => {
  it.each([
    ["=1+1", "'=1+1"],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["-9223372036854775807", "-9223372036854775807"],
    ["-9223372036854775807+1", "'-9223372036854775807+1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\t=1", "'\t=1"],
    ["\ttext", "'\ttext"],
    ["\rtext", "'\\u000dtext"],
    ["\ntext", "'\ntext"],
    ["\0=1", "'\\u0000=1"],
    ['"=1+1"', `'"=1+1"`],
    ["＝1+1", "'＝1+1"],
    ["＋1", "'＋1"],
    ["－1", "'－1"],
    ["＠x", "'＠x"],
    [" =1+1", "' =1+1"],
    ["a=b", "a=b"],
    ["[Verse]\nWoke up", "[Verse]\nWoke up"],
    ["\u001b[2J", "\\u001b[2J"],
    [-5, "-5"],
    [1.5, "1.5"],
    [null, ""],
    [undefined, ""],
    [true, "true"],
    [["=1"], '["=1"]'],
  ])("K129: %j is read back as %j", (value, text) => {
    expect(readCsv(csvRecord([value, "end"]))).toEqual([[text, "end"]]);
  });

  it("leaves a big number as it is", () => {
    expect(csvRecord([-9007199254740993n])).toBe("-9007199254740993\n");
  });

  it("quotes by RFC 4180, and empty text too: nothing is null", () => {
    expect(csvRecord(["a", 'say "hi"', "b,c", "d\ne", " f", ""])).toBe('a,"say ""hi""","b,c","d\ne"," f",""\n');
  });

  it("K129: comes back from an independent reader, for any text", () => {
    const text = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text, fc.integer()), { minLength: 1 }), (rows) => {
        const read = readCsv(rows.map((row) => csvRecord(row)).join(""));
        expect(read.map((row) => row.map((cell) => cell.replace(/^'/, "")))).toEqual(
          rows.map((row) =>
            row.map((cell) => (typeof cell === "string" ? safeText(cell) : String(cell)).replace(/^'/, "")),
          ),
        );
        for (const [first = ""] of read) expect(first).not.toMatch(/^[\s"]*[=+\-@＝＋－＠]|^[\t\r\n\0]/u);
      }),
    );
  });
});
