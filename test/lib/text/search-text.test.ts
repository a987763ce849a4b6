import { describe, expect, it, test } from "vitest";
import { toIndexText, tokensOf, wordsOf } from "../../../src/lib/text/search-text.ts";

describe("words that are the same, in whatever form they are typed", () => {
  test.each([
    ["Latin accents", "Café", "cafe"],
    ["Greek accents", "Καλημέρα", "καλημερα"],
    ["Greek final sigma and capitals", "ΣΟΦΟΣ", "σοφός"],
    ["Hebrew points", "שָׁלוֹם", "שלום"],
    ["Hebrew final forms", "שלום", "שלומ"],
    ["Arabic vowel marks", "حَبِيبِي", "حبيبي"],
    ["Arabic lengthened letters", "حـبـيـبـي", "حبيبي"],
    ["Arabic hamza, and its two forms of yeh and heh", "أغنيةى", "اغنيهي"],
    ["Cyrillic ё", "Ёлка", "елка"],
    ["Cyrillic stress", "за́мок", "замок"],
    ["German ß", "Straße", "strasse"],
    ["Turkish i with and without a dot", "IŞIK ışık İi", "isik isik ii"],
    ["strokes", "Łódź Ørsted đêm", "lodz orsted dem"],
    ["widths", "ＮＥＯＮ ｶﾞ", "neon ガ"],
    ["a joiner that nobody sees", "क्\u200dष l\u00adove❤️", "क्ष love"],
    ["the mark of a trade name", "Song™", "song"],
  ])("%s", (_what, one, other) => {
    for (const form of ["NFC", "NFD"] as const) expect(tokensOf(one.normalize(form))).toEqual(tokensOf(other));
  });
});

describe("words that marks make others", () => {
  test.each([
    ["Devanagari", "दिल", "दाल"],
    ["Devanagari with candrabindu", "हँस", "हंस"],
    ["Bengali", "দিল", "দাল"],
    ["Thai", "มา", "ม้า"],
    ["Japanese", "が", "か"],
    ["Cyrillic й", "мой", "мои"],
    ["Ukrainian ї", "їжак", "іжак"],
    ["Macedonian ќ", "куќа", "кука"],
  ])("%s", (_what, one, other) => {
    expect(tokensOf(one)).not.toEqual(tokensOf(other));
    expect(tokensOf(one.normalize("NFD"))).toEqual(tokensOf(one.normalize("NFC")));
  });
});

it("sets characters apart where there are no blanks between words", () => {
  const parts = (text: string) => toIndexText(text).split("\u200b").filter(Boolean);
  expect(parts("海上明月")).toEqual(["海", "上", "明", "月"]);
  expect(parts("a夜b")).toEqual(["a", "夜", "b"]);
  expect(parts("シティ々ー")).toEqual(["シ", "テ", "ィ", "々", "ー"]);
  expect(parts("사랑을")).toEqual(["사", "랑", "을"]);
  expect(parts("รักเธอ")).toEqual(["รั", "ก", "เ", "ธ", "อ"]);
  expect(toIndexText("кириллица, 123 👍")).toBe("кириллица, 123 👍");
  expect(toIndexText("plain\ntext")).toBe("plain\ntext");
});

it("knows where in a text a word is, whatever it became", () => {
  const text = "Über die Straße, ½ ｶﾞ e\u0301t\u00e9";
  const words = wordsOf(text).map(({ word, start, end }) => [word, text.slice(start, end)]);
  expect(words).toEqual([
    ["uber", "Über"],
    ["die", "die"],
    ["strasse", "Straße"],
    ["1", "½"],
    ["2", "½"],
    ["ガ", "ｶﾞ"],
    ["ete", "e\u0301t\u00e9"],
  ]);
});
