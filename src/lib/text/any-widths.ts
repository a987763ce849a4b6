import stringWidth from "string-width";
import { isPlain, makeWidths, PLAIN_WIDTHS } from "./widths.ts";

const SEGMENTER = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Correct for any text. Load it with `widthsFor`. */
export const ANY_WIDTHS = makeWidths(
  (text) => (isPlain(text) ? PLAIN_WIDTHS.widthOf(text) : stringWidth(text)),
  (text) => Array.from(SEGMENTER.segment(text), ({ segment }) => segment),
);
