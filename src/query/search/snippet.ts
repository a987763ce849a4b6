import { tokensOf, wordsOf, type Word } from "../../lib/text/search-text.ts";
import type { Term } from "../filter/parse-search.ts";

/** The texts of a clip that are searched. */
export type SearchedTexts = { title: string | null; lyric: string | null; prompt: string | null; sound: string | null };

/** Words in a snippet; a character that is a word of its own counts as one. */
const WORDS = 24;
/** Words before the first hit, where the text is longer. */
const BEFORE = 4;
/** Hits in one text that are looked at. */
const MOST_HITS = 500;
const FIELDS = ["lyric", "prompt", "sound"] as const;

type Wanted = { tokens: string[]; prefix: boolean; field: string | undefined };
type Hit = { from: number; to: number; term: number };

/**
 * Returns a function that excerpts a clip's texts around what was found, which it puts between `«` and `»`: the part with
 * most of the words, best as a phrase. The title is beside it in every list, so it is excerpted only when nothing else has
 * a hit. The excerpt is the text as it is, whatever the index made of it.
 */
export function makeExcerpt(terms: Term[]): (texts: SearchedTexts) => string {
  const wanted = terms.map(({ text, prefix, field }) => ({ tokens: tokensOf(text), prefix, field }));
  // All words one after the other count as one hit more.
  if (wanted.length > 1 && wanted.every(({ field }) => field === undefined))
    wanted.unshift({
      tokens: wanted.flatMap(({ tokens }) => tokens),
      prefix: wanted.at(-1)?.prefix ?? false,
      field: undefined,
    });
  const known = new Map<string, string[]>();
  const excerpt = (text: string, field: string) => excerptOf(text, wordsOf(text, known), field, wanted);
  return (texts) => {
    const parts = FIELDS.map((field) => excerpt(texts[field] ?? "", field));
    const best = Math.max(...parts.map(({ score }) => score));
    if (best > 0) return parts.find(({ score }) => score === best)?.text ?? "";
    const title = excerpt(texts.title ?? "", "title");
    return title.score > 0 ? title.text : (parts.find(({ text }) => text !== "")?.text ?? "");
  };
}

function excerptOf(text: string, words: Word[], field: string, wanted: Wanted[]): { text: string; score: number } {
  const hits = hitsIn(words, field, wanted);
  const { from, score } = bestWindow(hits, words.length);
  const to = Math.min(words.length, from + WORDS);
  const start = from === 0 ? 0 : (words[from]?.start ?? 0);
  const end = to >= words.length ? text.length : (words[to - 1]?.end ?? text.length);
  const shown = mark(text, start, end, hits, words);
  return { text: `${from > 0 ? "…" : ""}${shown}${to < words.length ? "…" : ""}`, score };
}

function hitsIn(words: Word[], field: string, wanted: Wanted[]): Hit[] {
  const hits: Hit[] = [];
  for (let at = 0; at < words.length && hits.length < MOST_HITS; at++)
    for (const [term, one] of wanted.entries())
      if ((one.field === undefined || one.field === field) && isAt(words, at, one))
        hits.push({ from: at, to: at + one.tokens.length, term });
  return hits;
}

function isAt(words: Word[], at: number, { tokens, prefix }: Wanted): boolean {
  // Few words are the first of a phrase.
  if (tokens.length > 1 && words[at]?.word !== tokens[0]) return false;
  return (
    tokens.length > 0 &&
    tokens.every((token, n) => {
      const word = words[at + n]?.word;
      return word === token || (prefix && n === tokens.length - 1 && word?.startsWith(token) === true);
    })
  );
}

/** The window with most different terms; the first of several. */
function bestWindow(hits: Hit[], length: number): { from: number; score: number } {
  let best = { from: 0, score: 0 };
  for (const { from: first } of hits) {
    const from = length <= WORDS ? 0 : Math.max(0, Math.min(first - BEFORE, length - WORDS));
    const inside = hits.filter((hit) => hit.from >= from && hit.to <= from + WORDS);
    const score = new Set(inside.map(({ term }) => term)).size;
    if (score > best.score) best = { from, score };
  }
  return best;
}

function mark(text: string, start: number, end: number, hits: Hit[], words: Word[]): string {
  let shown = "";
  let at = start;
  for (const [from, to] of spans(hits, words)) {
    if (from < at || to > end) continue;
    shown += `${text.slice(at, from)}«${text.slice(from, to)}»`;
    at = to;
  }
  return shown + text.slice(at, end);
}

/** Where hits begin and end in the text, those that overlap as one. */
function spans(hits: Hit[], words: Word[]): [number, number][] {
  const merged: [number, number][] = [];
  for (const { from, to } of hits.toSorted((a, b) => a.from - b.from || b.to - a.to)) {
    const [start, end] = [words[from]?.start ?? 0, words[to - 1]?.end ?? 0];
    const last = merged.at(-1);
    if (last && start < last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}
