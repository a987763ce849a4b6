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

const LATIN = "\\x20-\\x7e\\xa1-\\xac\\xae-\\u024f\\u2013-\\u2026";
/** Han, kana, Hangul syllables, their punctuation, full-width forms; no marks that join a neighbour. */
const WIDE =
  "\\u3000-\\u3029\\u3030-\\u303e\\u3041-\\u3096\\u309b-\\u30ff\\u4e00-\\u9fff\\uac00-\\ud7a3\\uff01-\\uff60";
const PLAIN = new RegExp(`^[${LATIN}${WIDE}]*$`);
const FIRST_WIDE = 0x3000;

/** Characters that are one column wide, or two for Chinese, Japanese and Korean, whatever stands beside them. */
export function isPlain(text: string): boolean {
  return PLAIN.test(text);
}

function plainWidth(text: string): number {
  let width = text.length;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) >= FIRST_WIDE) width++;
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
