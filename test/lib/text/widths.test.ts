import fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { ANY_WIDTHS } from "../../../src/lib/text/any-widths.ts";
import { safeLine } from "../../../src/lib/text/terminal-safe.ts";
import { isPlain, PLAIN_WIDTHS } from "../../../src/lib/text/widths.ts";
import { widthsFor } from "../../../src/lib/text/widths-for.ts";

const { pad, truncate, widthOf } = ANY_WIDTHS;

describe("width", () => {
  it.each([
    ["ab", 2],
    ["中文", 4],
    ["👨‍👩‍👧", 2],
    ["e\u0301", 1],
  ])("of %s is %i columns", (text, width) => {
    expect(widthOf(text)).toBe(width);
  });

  it("pads to the same column, whatever the script", () => {
    expect(["ab", "中", "👍"].map((text) => widthOf(`${pad(text, 6)}|`))).toEqual([7, 7, 7]);
    expect(pad("7", 3, "right")).toBe("  7");
  });

  it("truncates between characters", () => {
    expect(truncate("中文歌曲", 5)).toBe("中文…");
    expect(truncate("👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧", 4)).toBe("👨‍👩‍👧…");
    expect(truncate("short", 5)).toBe("short");
    expect(truncate("x", 0)).toBe("");
  });

  it("measures plain text without the tables of other characters", async () => {
    expect(await widthsFor(["plain", "«Straße» – café…", "春眠不觉曉、カバー", "Дождь ♪ 🎵🌊☔"])).toBe(PLAIN_WIDTHS);
    expect(PLAIN_WIDTHS.truncate("plain text", 6)).toBe("plain…");
    expect(PLAIN_WIDTHS.pad("plai…", 6, "right")).toBe(" plai…");
    expect(PLAIN_WIDTHS.truncate("🎵🎵🎵", 5)).toBe("🎵🎵…");
    for (const joined of ["cafe\u0301", "👍🏽", "❤️", "👨‍👩‍👧", "🇩🇪"])
      expect({ joined, widths: await widthsFor(["plain", joined]) }).toEqual({ joined, widths: ANY_WIDTHS });
    expect(await widthsFor(["plain"], ANY_WIDTHS)).toBe(ANY_WIDTHS);
  });

  it("measures each plain character as the full tables do, alone and among others", () => {
    const plain = Array.from({ length: 0x20000 }, (_, code) => String.fromCodePoint(code)).filter(isPlain);
    expect(plain.length).toBeGreaterThan(33_000);
    expect(plain.filter((character) => stringWidth(character) !== PLAIN_WIDTHS.widthOf(character))).toEqual([]);
    expect(stringWidth(plain.join(""))).toBe(PLAIN_WIDTHS.widthOf(plain.join("")));
    expect(PLAIN_WIDTHS.truncate("中文歌曲", 5)).toBe("中文…");
  });

  it("never goes over the width", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 20 }), (text, width) => {
        expect(widthOf(truncate(safeLine(text), width))).toBeLessThanOrEqual(width);
      }),
    );
  });
});
