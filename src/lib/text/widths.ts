/** Functions that measure text on a terminal. */
export type Widths = {
  /** The number of columns that the text takes: 2 for most CJK characters and emoji. */
  widthOf(text: string): number;
  /** The text cut to at most `width` columns, ending in `…`; a character is never split. */
  truncate(text: string, width: number): string;
  /** The text padded with blanks to `width` columns, after it or (`right`) before it. */
  pad(text: string, width: number, align?: "left" | "right"): string;
};

/** Correct for plain text (`isPlain`). */
export const PLAIN_WIDTHS = makeWidths(plainWidth, (text) => text);

/** Latin, Greek, Cyrillic, dashes and quotes, notes and accidentals: one column each. */
const NARROW =
  "\\x20-\\x7e\\xa1-\\xac\\xae-\\u024f\\u0370-\\u0377\\u0384-\\u03ff\\u0400-\\u0482\\u048a-\\u052f\\u1e00-\\u1eff" +
  "\\u2013-\\u2026\\u2669-\\u266f";
/** Han, kana, Hangul syllables, their punctuation, full-width forms; no combining marks. */
const WIDE =
  "\\u3000-\\u3029\\u3030-\\u303e\\u3041-\\u3096\\u309b-\\u30ff\\u4e00-\\u9fff\\uac00-\\ud7a3\\uff01-\\uff60";
/** Emoji that are two columns wide on their own, and two code units long; no skin tones, flags or joiners. */
const PICTURES =
  "\\u{1f300}-\\u{1f320}\\u{1f32d}-\\u{1f335}\\u{1f337}-\\u{1f37c}\\u{1f37e}-\\u{1f393}\\u{1f3a0}-\\u{1f3ca}\\u{1f3e0}-\\u{1f3f0}" +
  "\\u{1f400}-\\u{1f43e}\\u{1f442}-\\u{1f4fc}\\u{1f4ff}-\\u{1f53d}\\u{1f550}-\\u{1f567}\\u{1f5fb}-\\u{1f64f}\\u{1f680}-\\u{1f6c5}" +
  "\\u{1f90c}-\\u{1f93a}\\u{1f93c}-\\u{1f945}\\u{1f947}-\\u{1f9ff}";
/** The same with one code unit, such as the umbrella with rain drops. */
const SIGNS =
  "⌚⌛⏩⏪⏫⏬⏰⏳☔☕♈♉♊♋♌♍♎♏♐♑♒♓⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓❔❕❗➕➖➗➰➿⬛⬜⭐⭕";
const PLAIN = new RegExp(`^[${NARROW}${WIDE}${PICTURES}${SIGNS}]*$`, "u");

/** Code units that take two columns; each half of an emoji takes one. */
const WIDE_UNITS = new RegExp(`[${WIDE}${SIGNS}]+`, "g");

/** True for text whose characters have a fixed width, whatever follows them: one column, or two for CJK and emoji. */
export function isPlain(text: string): boolean {
  return PLAIN.test(text);
}

function plainWidth(text: string): number {
  let width = text.length;
  for (const unit of text.match(WIDE_UNITS) ?? []) width += unit.length;
  return width;
}

/** `charactersOf` splits text into what a reader sees as one character; these are never split. */
export function makeWidths(widthOf: Widths["widthOf"], charactersOf: (text: string) => Iterable<string>): Widths {
  return {
    widthOf,
    truncate(text, width) {
      if (widthOf(text) <= width) return text;
      if (width <= 0) return "";
      let kept = "";
      let used = 0;
      for (const character of charactersOf(text)) {
        used += widthOf(character);
        if (used > width - 1) break;
        kept += character;
      }
      return `${kept}…`;
    },
    pad(text, width, align = "left") {
      const blanks = " ".repeat(Math.max(0, width - widthOf(text)));
      return align === "left" ? text + blanks : blanks + text;
    },
  };
}
