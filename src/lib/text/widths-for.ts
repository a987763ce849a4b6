import { isPlain, PLAIN_WIDTHS, type Widths } from "./widths.ts";

/**
 * The functions that measure these texts, and all that `known` could measure. The tables of characters and emoji are
 * loaded only for text that needs them: they take as long as the rest of a short command.
 */
export async function widthsFor(texts: string[], known: Widths = PLAIN_WIDTHS): Promise<Widths> {
  if (known !== PLAIN_WIDTHS || texts.every(isPlain)) return known;
  return (await import("./any-widths.ts")).ANY_WIDTHS;
}
