import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { safeJson, safeLine, safeText } from "../../../src/lib/text/terminal-safe.ts";

const HARMFUL = /[\p{Cc}\p{Bidi_Control}\u{e0000}-\u{e007f}\u2028\u2029]/u;

const PAYLOADS: [what: string, text: string, shown: string][] = [
  ["clear screen", "\u001b[2J", "\\u001b[2J"],
  ["colour", "\u001b[31mred", "\\u001b[31mred"],
  ["cursor home", "a\u001b[Hb", "a\\u001b[Hb"],
  ["erase line", "\u001b[2K", "\\u001b[2K"],
  ["OSC 0 title", "\u001b]0;owned\u0007", "\\u001b]0;owned\\u0007"],
  ["OSC 8 link", "\u001b]8;;http://evil\u001b\\x", "\\u001b]8;;http://evil\\u001b\\x"],
  ["OSC 52 clipboard", "\u001b]52;c;cm0gLXJm\u0007", "\\u001b]52;c;cm0gLXJm\\u0007"],
  ["DCS", "\u001bP$qm\u001b\\", "\\u001bP$qm\\u001b\\"],
  ["APC", "\u001b_x\u001b\\", "\\u001b_x\\u001b\\"],
  ["reset", "\u001bc", "\\u001bc"],
  ["C1 CSI", "\u009b2J", "\\u009b2J"],
  ["C1 OSC", "\u009d0;x\u009c", "\\u009d0;x\\u009c"],
  ["C1 NEL", "a\u0085b", "a\\u0085b"],
  ["BEL", "\u0007", "\\u0007"],
  ["CR overwrite", "good\rbad", "good\\u000dbad"],
  ["line break", "one\nerror: two", "one\\u000aerror: two"],
  ["CRLF", "a\r\nb", "a\\u000d\\u000ab"],
  ["tab", "a\tb", "a\\u0009b"],
  ["backspace", "ab\b\bcd", "ab\\u0008\\u0008cd"],
  ["NUL", "a\0b", "a\\u0000b"],
  ["DEL", "a\u007fb", "a\\u007fb"],
  ["shift out", "\u000e", "\\u000e"],
  ["right-to-left override", "\u202egnp.exe", "\\u202egnp.exe"],
  ["isolates", "\u2066a\u2069", "\\u2066a\\u2069"],
  ["left-to-right mark", "a\u200eb", "a\\u200eb"],
  ["Arabic letter mark", "\u061c", "\\u061c"],
  ["tag characters", "a\u{e0041}\u{e0042}", "a\\u{e0041}\\u{e0042}"],
  ["zero-width space", "pay\u200bpal", "pay\\u200bpal"],
  ["joiner between Latin letters", "a\u200db", "a\\u200db"],
  ["byte order mark", "\ufeffa", "\\ufeffa"],
  ["word joiner", "a\u2060b", "a\\u2060b"],
  ["soft hyphen", "a\u00adb", "a\\u00adb"],
  ["line separator", "a\u2028b\u2029c", "a\\u2028b\\u2029c"],
  ["variation selectors that carry data", "a\u{e0101}\u{e0102}", "a\\u{e0101}\\u{e0102}"],
  ["Hangul filler", "\u3164", "\\u3164"],
  ["lone surrogate", "a\ud800", "a\\ud800"],
];

describe("safeLine", () => {
  it.each(PAYLOADS)("K128: shows %s as escapes", (_what, text, shown) => {
    expect(safeLine(text)).toBe(shown);
    expect(safeLine(text)).not.toMatch(HARMFUL);
  });

  it.each(["Plain", "中文歌曲", "ユメ ☆彡", "café", "👨‍👩‍👧 ❤️ 👍🏽", "می‌خواهم", "क्‍ष", "葛󠄀城", "שלום", "e\u0301"])(
    "leaves %s as it is",
    (text) => {
      expect(safeLine(text)).toBe(text);
    },
  );

  it("K128: lets no text through that a terminal would obey", () => {
    const tricky = fc.array(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.constantFrom(...PAYLOADS.map(([, text]) => text), "👩", "\u200d", "\ufe0f"),
      ),
    );
    fc.assert(
      fc.property(tricky, (parts) => {
        expect(safeLine(parts.join(""))).not.toMatch(HARMFUL);
        expect(safeText(parts.join(""))).not.toMatch(
          /[\p{Bidi_Control}\u{e0000}-\u{e007f}\x00-\x08\x0b-\x1f\x7f-\x9f]/u,
        );
      }),
    );
  });
});

describe("safeText", () => {
  it("keeps line breaks and tabs", () => {
    expect(safeText("a\r\nb\n\tc\rd\u001b[2J")).toBe("a\nb\n\tc\\u000dd\\u001b[2J");
  });
});

describe("safeJson", () => {
  it("K128: escapes what JSON.stringify leaves, and means the same", () => {
    const value = { title: PAYLOADS.map(([, text]) => text).join("|"), other: "中文" };
    const json = safeJson(JSON.stringify(value, null, 2));
    expect(json.replaceAll("\n", "")).not.toMatch(HARMFUL);
    expect(JSON.parse(json)).toEqual(value);
  });

  it("means the same for any value", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(JSON.parse(safeJson(JSON.stringify([text])))).toEqual([text]);
      }),
    );
  });
});
