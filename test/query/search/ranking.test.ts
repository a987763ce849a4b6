import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { searchClips } from "../../../src/query/search/search.ts";
import { makeLibrary, type Library } from "../library.ts";
import { QUERIES, SONGS } from "./ranking-corpus.ts";

let library: Library;
beforeAll(() => {
  library = makeLibrary();
  library.task("task");
  for (const [id, song] of Object.entries(SONGS)) {
    const [title = "", lyric = ""] = song.split(" | ");
    library.clip(id, { taskId: "task", title, lyric });
  }
});
afterAll(() => library[Symbol.dispose]());

const found = (text: string) => searchClips(library.db, text, {}, "/");

describe("the first hits", () => {
  test.each(QUERIES)("of %s", (query, first) => {
    for (const form of ["NFC", "NFD"] as const)
      expect(
        found(query.normalize(form))
          .slice(0, first.length || 1)
          .map(({ id }) => id),
      ).toEqual(first);
  });

  test.each([
    ["silver echo forever", "silver-line", "«silver echo forever»"],
    ["blue", "moon-blue", "the moon was «blue» when I was «blue»"],
    ["echo", "echo", "«Echo»"],
    ["עיני שלום OR שלום", "shalom", "«שלום» חברים"],
    ["καλημερα", "greek", "ήλιε μου, «καλημέρα»"],
    ["รัก", "thai-love", "ฉัน«รัก»เธอตลอดไป"],
    ["strasse", "strasse", "Die lange «Straße»"],
    ["midn*", "walk-lyric", "I went for a walk around «midnight»"],
    ["title:moon blue", "moon-blue", "the moon was «blue» when I was «blue»"],
  ])("%s: the match is shown as it is written", (query, id, snippet) => {
    expect(found(query).find((hit) => hit.id === id)?.snippet).toContain(snippet);
  });
});

test("a match far behind in a long text is shown with some words before it", () => {
  using other = makeLibrary();
  other.clip("long", { title: "Needle", lyric: `${"hay ".repeat(500)}one sharp needle here ${"hay ".repeat(500)}` });
  const [hit] = searchClips(other.db, "sharp needle", {}, "/");
  expect(hit?.snippet).toMatch(/^…(hay ){3,4}one «sharp needle» here hay/);
});
