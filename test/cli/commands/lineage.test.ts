import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mermaidOf } from "../../../src/print/views/lineage-mermaid.ts";
import type { Lineage } from "../../../src/query/lineage/lineage.ts";
import { CREATED, makeLibrary, type Library } from "../../query/library.ts";
import { runCommand } from "../run-command.ts";
import { startProgram } from "../../helpers/program.ts";

const EVIL = '\u001b[2J"]; click n0 "javascript:x" %%{init}%% `#quot;` <b>\n-->|\u202e| :::x';
let library: Library;
beforeAll(() => {
  library = makeLibrary();
  const at = (day: number) => ({ createdAt: CREATED + day * 86_400_000 });
  library.clip("aaaaaaaa-1", { title: "夜行列車の夜".repeat(12), ...at(0) });
  library.task("two", { referenceAudioId: "aaaaaaaa-1", action: "extend", continueAt: 12.4 });
  library.clip("bbbbbbbb-1", { taskId: "two", title: EVIL, ...at(1) });
  library.task("three", { referenceAudioId: "bbbbbbbb-1", swapAudioId: "cccccccc-1", action: "swap_vocals" });
  library.clip("dddddddd-1", { taskId: "three", title: "Swapped", ...at(2) });
  library.task("four", {
    referenceAudioId: "dddddddd-1",
    action: "cover",
    state: "failed",
    title: "Not to be",
    ...at(3),
  });
});
afterAll(() => library[Symbol.dispose]());

const cli = (...args: string[]) => runCommand(library.home, ["lineage", ...args]);

describe("lineage", () => {
  it("draws a tree whose lines say how, when and which, the asked one marked", async () => {
    const { stdout, stderr, exitCode } = await cli("dddd");
    const [heading = "", ...lines] = stdout.trimEnd().split("\n");
    expect(heading).toMatch(/^song +how +created +id$/);
    expect(lines).toHaveLength(6);
    expect(lines[1]).toMatch(/^└─ .* {2}extend from 0:12 +2026-11-21 {2}bbbbbbbb$/);
    expect(lines[2]).toMatch(/^ {2}└─ ▸ Swapped +swap_vocals +2026-11-22 {2}dddddddd$/);
    expect(lines[3]).toMatch(/^ {4}└─ Not to be \(failed\) +cover +2026-11-23 {2}four$/);
    expect(lines[4]).toMatch(/^not in the archive: cccccccc-1 +cccccccc$/);
    expect(lines[5]).toMatch(/^└─ ▸ Swapped \(above\) +swap_vocals, swapped in /);
    expect(stdout).not.toContain("\u001b");
    expect([stderr, exitCode]).toEqual([`${library.home}\n5 songs in the family\n`, 0]);
  });

  it("says so of a song on its own", async () => {
    library.clip("alone");
    expect((await cli("alone")).stderr).toContain("made from nothing here");
  });

  it.each([
    [["none"], /no task or clip has the id none/],
    [["dddd", "--format", "svg"], /--format is "svg"; it takes tree, json or mermaid/],
    [["dddd", "--json", "--format", "mermaid"], /exclude each other/],
  ])("%j is exit 2", async (args, message) => {
    const { stderr, exitCode } = await cli(...args);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  it("is one document as a process, and ends in silence at a closed pipe", async () => {
    const run = (...args: string[]) =>
      startProgram(["lineage", "dddd", "--home", library.home, ...args], {
        env: { PATH: process.env["PATH"] ?? "" },
        cwd: library.home,
      }).done;
    const json = await run("--json");
    expect([json.code, json.json]).toMatchObject([
      0,
      {
        kind: "clip",
        id: "dddddddd-1",
        roots: ["aaaaaaaa-1", "cccccccc-1"],
        nodes: { length: 5 },
        edges: { length: 4 },
      },
    ]);
    expect((await run("--format", "mermaid")).stdout).toMatch(GRAMMAR);
  });
});

/** What we write of Mermaid, and no more (its parser refuses an empty label): in a label, letters, digits, plain punctuation and numeric entities. */
const LABEL = String.raw`(?:[\p{L}\p{N}\p{M} ,.()?!'_-]|#\d+;)+`;
const GRAMMAR = new RegExp(
  `^flowchart TD\n(?: {2}n\\d+\\["${LABEL}<br/>${LABEL}"\\]\n)+(?: {2}n\\d+ (?:-->|-\\.->)\\|"${LABEL}"\\| n\\d+\n)*` +
    " {2}classDef asked stroke-width:4px\n(?: {2}class n\\d+(?:,n\\d+)* asked\n)?$",
  "u",
);

describe("mermaid", () => {
  const family = (title: string, action: string): Lineage => {
    const node = {
      taskId: "t",
      title,
      model: null,
      state: "succeeded",
      createdAt: null,
      removed: false,
      purged: false,
    };
    const nodes = ["a", "b"].map((id) => ({ ...node, id, kind: "clip" as const, asked: id === "b" }));
    const paths = { continueAt: null, replaceSectionStart: null, replaceSectionEnd: null };
    const edge = { from: "a", to: "b", role: "reference" as const, action, taskId: "t", createdAt: null, ...paths };
    return { kind: "clip", id: "b", roots: ["a"], nodes, edges: [edge] };
  };

  it("is well formed whatever a title holds", () => {
    const nasty = fc.string({ unit: fc.constantFrom(...'"`#;:%{}[]()<>|&\\/\n\r\t-=.~@^ ﬂ°¶ßa1夜🌃\u001b\u202e') });
    fc.assert(
      fc.property(fc.oneof(nasty, fc.string({ unit: "binary" }), fc.constant(EVIL)), (text) => {
        expect(mermaidOf(family(text, text))).toMatch(GRAMMAR);
      }),
    );
  });

  it("keeps words readable, and names no task", () => {
    const text = mermaidOf(family("Größer als 夜 (live)", "replace_section"));
    expect(text).toContain('n0["Größer als 夜 (live)<br/>a"]');
    expect(text).toContain('n0 -->|"replace_section"| n1');
    expect(text).toContain("class n1 asked");
  });
});
