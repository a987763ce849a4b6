/**
 * What the full-text index holds of a text, and what is looked for in it: both pass through here, so that they agree.
 *
 * - Accents do not count: marks of Latin, Greek, Hebrew and Arabic letters are dropped, as is whatever is invisible. In Cyrillic
 *   the stress marks go and ё is е, as people type it; й, ї and ў are letters of their own.
 * - Marks that make other words count: vowel signs and viramas of India's scripts, tones of Thai, the dakuten of Japanese.
 * - Letters that people write in two ways are one: ß and ss, ø and o, ł and l, the dotless ı and i, ς and σ, Hebrew's final
 *   forms, ى and ي, ة and ه. So are full and half widths, and composed and decomposed characters.
 * - Chinese, Japanese, Thai, Lao, Khmer and Burmese have no blanks between words: each character becomes a word of its own
 *   there, in Korean each syllable, so that one, two or three of them are found as a phrase.
 *
 * Lower and upper case are the tokenizer's part.
 */
export function toIndexText(text: string): string {
  if (isAscii(text)) return text;
  return separate(fold(text));
}

/** What a title is sorted by: its letters as they are searched for, whatever their case and accents. */
export function toSortText(text: string): string {
  return (isAscii(text) ? text : fold(text)).toLowerCase();
}

/** How an index of schema 8 and before was written: each Chinese, Japanese and Korean character apart, nothing else. */
export function toOldIndexText(text: string): string {
  return text.search(CJK_RUN) < 0 ? text : text.normalize("NFC").replaceAll(CJK_RUN, apart);
}

/** A word of a text as the index has it, and where it is in the text. */
export type Word = { word: string; start: number; end: number };

/** The words of a text as the index has them. `known` remembers what was read before, for many texts of the same words. */
export function wordsOf(text: string, known = new Map<string, string[]>()): Word[] {
  const words: Word[] = [];
  for (const { 0: run, index: start } of text.matchAll(isAscii(text) ? ASCII_WORD : WORD)) {
    let tokens = known.get(run);
    if (!tokens) known.set(run, (tokens = tokensOf(run)));
    for (const word of tokens) words.push({ word, start, end: start + run.length });
  }
  return words;
}

/** The words that are looked for by a text, alone. */
export function tokensOf(text: string): string[] {
  if (isAscii(text)) return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const folded = toIndexText(text.toLowerCase());
  return folded.match(TOKEN)?.map((token) => token.normalize("NFC")) ?? [];
}

const CJK = "\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}\\p{sc=Hang}\\p{sc=Bopo}\\u30fc\\uff70";
const UNSPACED = "\\p{sc=Thai}\\p{sc=Laoo}\\p{sc=Khmr}\\p{sc=Mymr}";
const LETTER = "\\p{L}\\p{N}\\p{Co}\\p{M}";
const APART = new RegExp(`[${CJK}]\\p{M}*|(?=\\P{M})[${UNSPACED}]\\p{M}*`, "gu");
const CJK_RUN = new RegExp(`[${CJK}]+`, "gu");
/** Invisible characters within words: joiners, marks of direction, soft hyphens; U+200B divides words. */
const UNSEEN = /[\p{Cf}\p{VS}\u0640]/gu;
const WORD = new RegExp(
  `[${CJK}][\\p{M}\\uff9e\\uff9f]*|(?=\\P{M})[${UNSPACED}]\\p{M}*|(?:(?![${CJK}${UNSPACED}\\u200b])[${LETTER}\\p{Cf}])+`,
  "gu",
);
/** The same for a text without any other. */
const ASCII_WORD = /[a-z0-9]+/gi;
const TOKEN = new RegExp(`[${LETTER}]+`, "gu");
const MARKED = /(\P{M})(\p{M}+)/gu;
/** Scripts whose marks are accents, and what is of no script. */
const ACCENTED = /[\p{sc=Latn}\p{sc=Grek}\p{sc=Copt}\p{sc=Hebr}\p{sc=Arab}\p{sc=Syrc}\p{sc=Zyyy}]/u;
const CYRILLIC = /\p{sc=Cyrl}/u;
/** Grave, acute, macron, double grave, inverted breve: stress and length. */
const STRESS = /[\u0300\u0301\u0304\u030f\u0311]/g;
/** The invisible blank that sets characters apart. */
const SEPARATOR = "\u200b";

/** Letter and what it is written as, in turn. */
const LETTERS = new Map(
  [
    "ß ss ẞ SS ø o Ø O ł l Ł L đ d Đ D ð d Ð D ħ h Ħ H ŧ t Ŧ T ı i æ ae Æ AE œ oe Œ OE þ th Þ TH",
    "ς σ ך כ ם מ ן נ ף פ ץ צ ى ي ی ي ک ك ة ه ٱ ا",
  ]
    .join(" ")
    .split(" ")
    .flatMap((letter, at, all) => (at % 2 === 0 ? [[letter, all[at + 1] ?? ""] as const] : [])),
);
const WRITTEN_TWICE = new RegExp(`[${[...LETTERS.keys()].join("")}]`, "gu");

function isAscii(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return /^[\x00-\x7f]*$/.test(text);
}

function fold(text: string): string {
  return text
    .replaceAll(/[™℠]/g, " ")
    .normalize("NFKD")
    .replaceAll(UNSEEN, (char) => (char === SEPARATOR ? char : ""))
    .replaceAll(MARKED, (_, base: string, marks: string) => base + countingMarks(base, marks))
    .replaceAll(WRITTEN_TWICE, (letter) => LETTERS.get(letter) ?? letter)
    .normalize("NFC");
}

function countingMarks(base: string, marks: string): string {
  if (ACCENTED.test(base)) return "";
  if (!CYRILLIC.test(base)) return marks;
  // With an acute, г and к are letters of Macedonian.
  const letters = /[гГкК]/.test(base) ? marks : marks.replaceAll(STRESS, "");
  return /[еЕ]/.test(base) ? letters.replaceAll("\u0308", "") : letters;
}

function separate(text: string): string {
  return text.replaceAll(APART, (character) => SEPARATOR + character + SEPARATOR);
}

function apart(run: string): string {
  return SEPARATOR + [...run].join(SEPARATOR) + SEPARATOR;
}
