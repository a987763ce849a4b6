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
export const PLAIN_WIDTHS = makeWidths(
  (text) => text.length,
  (text) => text,
);

/** Latin letters, their punctuation and ours: every character is one column wide, whatever stands beside it. */
export function isPlain(text: string): boolean {
  return /^[\x20-\x7e\xa1-\xac\xae-\u024f\u2013-\u2026]*$/.test(text);
}

/**
 * What measures these texts, and whatever `known` measured before. The tables of characters and emoji are loaded only
 * for text that needs them: they take as long as the rest of a short command.
 */
export async function widthsFor(texts: string[], known: Widths = PLAIN_WIDTHS): Promise<Widths> {
  if (known !== PLAIN_WIDTHS || texts.every(isPlain)) return known;
  return (await import("./any-widths.ts")).ANY_WIDTHS;
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
