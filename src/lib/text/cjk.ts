/**
 * Chinese and Japanese have no blanks between words, so a tokenizer that splits at blanks finds nothing in them. Here each
 * such character (Korean syllables too) becomes a word of its own, in the index and in the query alike, so that one, two
 * or three characters are found as a phrase. The separator is U+200B, which is invisible.
 */
const SEPARATOR = "\u200b";
/** No such character is below this range. A quick first test: the full expressions are slow to compile. */
const PERHAPS = /[\u1100-\uffff]/;
const eachRun = () => /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\u30fc\uff70]+/gu;
/** Parts of a voiced kana or Korean syllable that is written as several characters; these are composed first. */
const DECOMPOSED = /[\u3099\u309a\u1100-\u11ff]/;

/** The text with U+200B around each CJK character; other text is returned unchanged. */
export function separateCjk(text: string): string {
  if (!PERHAPS.test(text) || text.search(eachRun()) < 0) return text;
  const composed = DECOMPOSED.test(text) ? text.normalize("NFC") : text;
  return composed.replace(eachRun(), (run) => SEPARATOR + [...run].join(SEPARATOR) + SEPARATOR);
}

/** Removes what `separateCjk` inserted. */
export function joinCjk(text: string): string {
  return text.replaceAll(SEPARATOR, "");
}
