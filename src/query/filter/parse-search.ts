import { toIndexText, tokensOf } from "../../lib/text/search-text.ts";

/**
 * Turns what the user typed into an FTS5 expression in which every word is quoted, so that no text is an error. It
 * understands words (all must occur), "a phrase", begin*, title: lyric: prompt: sound: before a word or phrase, OR, AND,
 * NOT or - before what must not occur, and parentheses. Text that does not parse is read as plain words.
 */
const TOKEN = /"((?:[^"]|"")*)"(\*?)|([()])|(title|lyrics?|prompt|sound):(?=[^\s()*:-])|(-)(?=[^\s)])|([^\s()"]+)/gi;
const MAX_WORDS = 64;
const MAX_DEPTH = 16;

type Token = ({ type: "text" } & Term) | { type: "(" | ")" | "OR" | "AND" | "NOT" };

/** A word or phrase that is looked for, in all fields unless one is named. */
export type Term = { text: string; prefix: boolean; field: string | undefined };

/**
 * Expressions for `clips_fts match`: `all` is what a clip must match, `words` are its single words and phrases. `phrase` and
 * `near`: the words as they were typed, one after the other, and close to each other; only of a query that is several words
 * without OR, parentheses and fields.
 */
export type SearchExpression = { all: string; words: string[]; terms: Term[]; phrase?: string; near?: string };

/** How a word becomes what the index holds of it. */
type Convert = (text: string) => string;

/** The search expression of a text; undefined when it contains no word. */
export function parseSearch(text: string, convert: Convert = toIndexText): SearchExpression | undefined {
  const tokens = tokenize(toClean(text));
  const parsed = parse(tokens, convert);
  return parsed ? { ...parsed, ...inOrder(tokens, convert) } : parsePlainWords(text, convert);
}

/** An expression that all words of the text must occur; undefined when it contains no word. */
export function parsePlainWords(text: string, convert: Convert = toIndexText): SearchExpression | undefined {
  const found = toClean(text)
    .split(/[\s"()]+/)
    .filter(isWord)
    .slice(0, MAX_WORDS);
  const terms = [...new Set(found)].map((word) => ({ text: word, prefix: false, field: undefined }));
  const words = terms.map((term) => quote(term, convert));
  const tokens = found.map((word) => ({ type: "text" as const, text: word, prefix: false, field: undefined }));
  return words.length > 0 ? { all: words.join(" AND "), words, terms, ...inOrder(tokens, convert) } : undefined;
}

/** Words between which others may be when they are near. */
const NEAR_WORDS = 8;

/** A beginning can only be the last word of a phrase. */
function inOrder(tokens: Token[], convert: Convert): { phrase?: string; near?: string } {
  const wanted = tokens.filter(({ type }, at) => type !== "AND" && type !== "NOT" && tokens[at - 1]?.type !== "NOT");
  const terms = wanted.flatMap((token) => (token.type === "text" && token.field === undefined ? [token] : []));
  if (terms.length < 2 || terms.length < wanted.length) return {};
  const words = terms.map((term) => quote(term, convert));
  const length = terms.reduce((sum, term) => sum + tokensOf(term.text).length, 0);
  const near = `NEAR(${words.join(" ")}, ${length + NEAR_WORDS})`;
  return terms.slice(0, -1).some(({ prefix }) => prefix) ? { near } : { near, phrase: words.join(" + ") };
}

function toClean(text: string): string {
  return text.replaceAll("\0", " ").toWellFormed();
}

/** Whether the index's tokenizer finds a word in the text. */
function isWord(text: string): boolean {
  return /[a-z0-9]/i.test(text) || tokensOf(text).length > 0;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let field: string | undefined;
  for (const [, phrase, star, parenthesis, named, minus, word] of text.matchAll(TOKEN)) {
    if (named) {
      field = named.toLowerCase().replace("lyrics", "lyric");
      continue;
    }
    if (parenthesis) tokens.push({ type: parenthesis as "(" });
    else if (minus) tokens.push({ type: "NOT" });
    else if (phrase !== undefined)
      tokens.push({ type: "text", text: phrase.replaceAll('""', '"'), prefix: star === "*", field });
    else if (word) tokens.push(operatorOrWord(word, field));
    field = undefined;
  }
  return tokens.filter((token) => token.type !== "text" || isWord(token.text));
}

function operatorOrWord(word: string, field: string | undefined): Token {
  if (!field && (word === "OR" || word === "AND" || word === "NOT")) return { type: word };
  return { type: "text", text: word, prefix: word.endsWith("*"), field };
}

/** Grammar: or := and (OR and)*; and := part+, at least one of them without NOT; part := NOT? (text | "(" or ")"). */
function parse(tokens: Token[], convert: Convert): SearchExpression | undefined {
  if (tokens.filter(({ type }) => type === "text").length > MAX_WORDS) return undefined;
  const words: string[] = [];
  const terms: Term[] = [];
  let at = 0;
  let insideNot = 0;
  const parseOr = (depth: number): string | undefined => {
    const sides = [parseAnd(depth)];
    while (tokens[at]?.type === "OR") {
      at++;
      sides.push(parseAnd(depth));
    }
    return sides.includes(undefined) ? undefined : sides.length === 1 ? sides[0] : `(${sides.join(" OR ")})`;
  };
  const parseAnd = (depth: number): string | undefined => {
    const wanted: string[] = [];
    const unwanted: string[] = [];
    for (;;) {
      if (tokens[at]?.type === "AND" && wanted.length + unwanted.length > 0) at++;
      const not = tokens[at]?.type === "NOT";
      if (not) at++;
      const token = tokens[at];
      if (!not && (!token || token.type === "OR" || token.type === ")")) break;
      if (not) insideNot++;
      const part = parsePart(depth);
      if (not) insideNot--;
      if (part === undefined) return undefined;
      (not ? unwanted : wanted).push(part);
    }
    if (wanted.length === 0 || tokens[at - 1]?.type === "AND") return undefined;
    const all = wanted.join(" AND ");
    return unwanted.length === 0 ? (wanted.length > 1 ? `(${all})` : all) : `((${all}) NOT (${unwanted.join(" OR ")}))`;
  };
  const parsePart = (depth: number): string | undefined => {
    const token = tokens[at++];
    if (token?.type === "text") {
      const word = (token.field ? `${token.field}:` : "") + quote(token, convert);
      if (insideNot === 0) words.push(word);
      if (insideNot === 0) terms.push(token);
      return word;
    }
    if (token?.type !== "(" || depth >= MAX_DEPTH) return undefined;
    const inner = parseOr(depth + 1);
    return tokens[at++]?.type === ")" ? inner : undefined;
  };
  const all = parseOr(0);
  return all !== undefined && at === tokens.length ? { all, words, terms } : undefined;
}

function quote({ text, prefix }: Pick<Term, "text" | "prefix">, convert: Convert): string {
  return `"${convert(text).replaceAll('"', '""')}"${prefix ? " *" : ""}`;
}
