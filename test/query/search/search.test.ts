import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countHits, searchClips } from "../../../src/query/search/search.ts";
import { IntegrityError } from "../../../src/lib/errors.ts";
import { parseSearch } from "../../../src/query/filter/parse-search.ts";
import { makeLibrary, type Library } from "../library.ts";

let library: Library;
const found = (text: string, limit = 0) => searchClips(library.db, text, { limit }, library.assetsRoot);
const ids = (text: string) =>
  found(text)
    .map(({ id }) => id)
    .sort();

beforeAll(() => {
  library = makeLibrary();
  library.clip("sun-title", { title: "Morning Sun", lyric: "rain all day" });
  library.clip("sun-lyric", {
    title: "Neon",
    lyric: "Woke up with the sun in my eyes\nrain on the window",
    prompt: "synth pop",
  });
  library.clip("chinese", { title: "春江花月夜", lyric: "春江潮水连海平，海上明月共潮生" });
  library.clip("japanese", { title: "夜に駆ける", lyric: "沈むように溶けてゆくように", sound: "シティポップ" });
  library.clip("accents", { title: "Café Été", lyric: "don't stop", prompt: "3:15 or later" });
  library.clip("words", { title: "OR and NOT", lyric: "near the title" });
  library.clip("bare", {});
});
afterAll(() => library[Symbol.dispose]());

describe("searchClips", () => {
  it("ranks a title over a lyric and shows the hit", () => {
    expect(found("sun").map(({ id, snippet }) => [id, snippet])).toEqual([
      ["sun-title", "Morning «Sun»"],
      ["sun-lyric", "Woke up with the «sun» in my eyes\nrain on the window"],
    ]);
  });

  it("puts a phrase over words in a title, and these over words elsewhere", () => {
    using other = makeLibrary();
    const often = Array(300).fill("harbour lights").join(" ");
    other.clip("lyric", { title: "x", lyric: often });
    other.clip("part", { title: `${Array(150).fill("some other words").join(" ")} harbour`, lyric: "lights" });
    other.clip("whole", { title: `${Array(150).fill("some other words").join(" ")} harbour and lights` });
    other.clip("sound", { title: "y", sound: "harbour lights", lyric: often });
    const order = (text: string) => searchClips(other.db, text, {}, "/").map(({ id }) => id);
    expect(new Set(order("harbour lights").slice(0, 2))).toEqual(new Set(["lyric", "sound"]));
    expect(order("harbour lights").slice(2)).toEqual(["whole", "part"]);
    expect(new Set(order("harbour").slice(0, 2))).toEqual(new Set(["whole", "part"]));
    expect(order("harbour OR nowhere").slice(2).toSorted()).toEqual(["lyric", "sound"]);
    expect(order("lyric:harbour").toSorted()).toEqual(["lyric", "sound"]);
  });

  it.each([
    ["one Chinese character", "月", ["chinese"]],
    ["two", "明月", ["chinese"]],
    ["three", "花月夜", ["chinese"]],
    ["a Japanese word", "駆ける", ["japanese"]],
    ["one kana", "に", ["japanese"]],
    ["katakana with a long mark", "シティポップ", ["japanese"]],
    ["a character of both", "夜", ["chinese", "japanese"]],
    ["characters that do not follow each other", "江月", []],
    ["Chinese as a phrase", '"明月共"', ["chinese"]],
    ["two Chinese words", "明月 潮水", ["chinese"]],
    ["Chinese in a field", "title:月", ["chinese"]],
    ["Chinese excluded", "夜 -駆", ["chinese"]],
    ["no accents", "cafe ete", ["accents"]],
    ["an apostrophe", "don't", ["accents"]],
    ["a colon", "3:15", ["accents"]],
    ["all words", "sun rain", ["sun-lyric", "sun-title"]],
    ["a phrase", '"with the sun"', ["sun-lyric"]],
    ["a phrase that is not there", '"sun the with"', []],
    ["a beginning", "mor*", ["sun-title"]],
    ["the beginning of a phrase's last word", '"the win"*', ["sun-lyric"]],
    ["a field", "title:sun", ["sun-title"]],
    ["lyrics for lyric", "lyrics:sun", ["sun-lyric"]],
    ["a phrase in a field", 'lyric:"the sun"', ["sun-lyric"]],
    ["OR", "neon OR café", ["accents", "sun-lyric"]],
    ["an excluded word", "rain -neon", ["sun-title"]],
    ["NOT", "rain NOT neon", ["sun-title"]],
    ["an excluded field", "rain -title:neon", ["sun-title"]],
    ["AND", "rain AND neon", ["sun-lyric"]],
    ["parentheses", "(neon OR morning) rain", ["sun-lyric", "sun-title"]],
    ["a word and OR, in that order", "morning OR neon window", ["sun-lyric", "sun-title"]],
    ["an operator that lacks its side, as words", "or not OR", ["words"]],
    ["only an exclusion, as words", "-café", ["accents"]],
    ["an open quote, as words", '"sun rain', ["sun-lyric", "sun-title"]],
    ["a bracket too many, as words", "sun ) rain", ["sun-lyric", "sun-title"]],
    ["NEAR, as words", "NEAR(title)", ["words"]],
    ["no field of ours, as words", "artist:sun", []],
  ])("finds by %s", (_what, text, expected) => {
    expect(ids(text)).toEqual(expected);
    expect(countHits(library.db, text)).toBe(expected.length);
  });

  it.each(["", " ", '"', '""', "*", "-", "()", "!?", "***", '" "', "🎵", "\0", ":"])(
    "finds nothing by %j, which has no word",
    (text) => {
      expect(found(text)).toEqual([]);
      expect(countHits(library.db, text)).toBe(0);
    },
  );

  it("shows the original text of Chinese and Japanese", () => {
    expect(found("明月")[0]?.snippet).toBe("春江潮水连海平，海上«明月»共潮生");
    expect(found("駆ける")[0]?.snippet).toBe("夜に«駆ける»");
  });

  it("keeps to the limit", () => {
    expect(found("sun", 1)).toHaveLength(1);
  });

  it.each([5000, 100_000])("takes %i words and as many brackets", (count) => {
    expect(found(Array(count).fill("sun").join(" "))).toHaveLength(2);
    expect(found("(".repeat(count) + "sun" + ")".repeat(count))).toHaveLength(2);
  });

  it("takes what is nested too deep for FTS5 as words", () => {
    const nested = `${"(nowhere OR sun NOT ".repeat(16)}moon${")".repeat(16)}`;
    expect(found(nested)).toEqual([]);
    expect(countHits(library.db, nested)).toBe(0);
  });

  it("calls an index that is not there damage", () => {
    using other = makeLibrary();
    other.db.$client.exec("drop table clips_fts");
    expect(() => searchClips(other.db, "sun OR moon", {}, "/")).toThrow(IntegrityError);
  });

  it("never throws, whatever the text", () => {
    const part = fc.constantFrom(
      '"',
      "*",
      "-",
      "(",
      ")",
      "OR",
      "AND",
      "NOT",
      "NEAR(",
      "title:",
      "lyric:",
      "sun",
      "月",
      " ",
      "^",
      "+",
      "{a b}:",
      "'",
      ";",
      "\0",
      "\ud800",
      ",",
      "\\",
      "--",
      "\u200b",
      "é",
    );
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(part, { maxLength: 30 }).map((parts) => parts.join("")),
      fc.array(part, { maxLength: 30 }).map((parts) => parts.join(" ")),
    );
    fc.assert(
      fc.property(text, (query) => {
        expect(found(query, 5).length).toBeLessThanOrEqual(countHits(library.db, query) as number);
      }),
      { numRuns: 1500 },
    );
  });
});

describe("toWanted", () => {
  it.each([
    ["a b", '("a" AND "b")'],
    ['say "hi ""there"""', '("say" AND "hi ""there""")'],
    ["a OR b c", '("a" OR ("b" AND "c"))'],
    ["a -b -c", '(("a") NOT ("b" OR "c"))'],
    ["title:a*", 'title:"a*" *'],
    ["-a", '"-a"'],
    ["...", undefined],
  ])("%s becomes %s", (text, expression) => {
    expect(parseSearch(text)?.all).toBe(expression);
  });

  it("names the words that are looked for, not those that must not occur", () => {
    expect(parseSearch('a "b c"* OR title:d -e NOT (f g)')?.words).toEqual(['"a"', '"b c" *', 'title:"d"']);
  });
});
