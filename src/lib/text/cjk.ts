/**
 * Chinese and Japanese have no blanks between words, so a tokenizer that goes by blanks finds nothing in them. Here each
 * such character (Korean syllables too) is made a word of its own: in the index and in the query alike, so that one, two
 * or three characters are found as a phrase. The separator is U+200B, which a person does not see.
 */
const SEPARATOR = "\u200b";
/** No such character lies below; costs less to ask than the classes, which are made where there may be one. */
const PERHAPS = /[\u1100-\uffff]/;
const eachRun = () => /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\u30fc\uff70]+/gu;
/** A voiced kana or a Korean syllable written as several characters is put together first. */
const DECOMPOSED = /[\u3099\u309a\u1100-\u11ff]/;

/** The text with U+200B around each CJK character; other text comes back as it is. */
export function separateCjk(text: string): string {
  if (!PERHAPS.test(text) || text.search(eachRun()) < 0) return text;
  const composed = DECOMPOSED.test(text) ? text.normalize("NFC") : text;
  return composed.replace(eachRun(), (run) => SEPARATOR + [...run].join(SEPARATOR) + SEPARATOR);
}

/** Takes out what `separateCjk` put in. */
export function joinCjk(text: string): string {
  return text.replaceAll(SEPARATOR, "");
}
