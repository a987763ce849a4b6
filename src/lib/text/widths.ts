/** How text measures on a terminal. */
export type Widths = {
  /** Columns that the text takes: 2 for most CJK characters and emoji. */
  widthOf(text: string): number;
  /** At most `width` columns, the end given as `…`; never half of a character. */
  truncate(text: string, width: number): string;
  /** Filled up with blanks to `width` columns, at the end or (`right`) before the text. */
  pad(text: string, width: number, align?: "left" | "right"): string;
};

/** Right for plain text. */
export const PLAIN_WIDTHS = makeWidths(plainWidth, (text) => text);

/** Latin, Greek, Cyrillic, dashes and quotes, notes and accidentals: one column each. */
const NARROW =
  "\\x20-\\x7e\\xa1-\\xac\\xae-\\u024f\\u0370-\\u0377\\u0384-\\u03ff\\u0400-\\u0482\\u048a-\\u052f\\u1e00-\\u1eff" +
  "\\u2013-\\u2026\\u2669-\\u266f";
/** Han, kana, Hangul syllables, their punctuation, full-width forms; no marks that join a neighbour. */
const WIDE =
  "\\u3000-\\u3029\\u3030-\\u303e\\u3041-\\u3096\\u309b-\\u30ff\\u4e00-\\u9fff\\uac00-\\ud7a3\\uff01-\\uff60";
/** Pictures that are two columns wide as they stand, and two code units long; no skin tones, flags or joiners. */
const PICTURES =
  "\\u{1f300}-\\u{1f320}\\u{1f32d}-\\u{1f335}\\u{1f337}-\\u{1f37c}\\u{1f37e}-\\u{1f393}\\u{1f3a0}-\\u{1f3ca}\\u{1f3e0}-\\u{1f3f0}" +
  "\\u{1f400}-\\u{1f43e}\\u{1f442}-\\u{1f4fc}\\u{1f4ff}-\\u{1f53d}\\u{1f550}-\\u{1f567}\\u{1f5fb}-\\u{1f64f}\\u{1f680}-\\u{1f6c5}" +
  "\\u{1f90c}-\\u{1f93a}\\u{1f93c}-\\u{1f945}\\u{1f947}-\\u{1f9ff}";
/** The same of one code unit, such as an umbrella with rain drops. */
const SIGNS =
  "⌚⌛⏩⏪⏫⏬⏰⏳☔☕♈♉♊♋♌♍♎♏♐♑♒♓⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓❔❕❗➕➖➗➰➿⬛⬜⭐⭕";
const PLAIN = new RegExp(`^[${NARROW}${WIDE}${PICTURES}${SIGNS}]*$`, "u");

/** Code units that take two columns; either half of a picture takes one. */
const WIDE_UNITS = new RegExp(`[${WIDE}${SIGNS}]+`, "g");

/** Characters that are one column wide, or two for Chinese, Japanese, Korean and emoji, whatever stands beside them. */
export function isPlain(text: string): boolean {
  return PLAIN.test(text);
}

function plainWidth(text: string): number {
  let width = text.length;
  for (const unit of text.match(WIDE_UNITS) ?? []) width += unit.length;
  return width;
}

/** `charactersOf`: what a person sees as one, never cut in two. */
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
