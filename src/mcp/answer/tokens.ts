/**
 * Clients refuse an answer of more than 25,000 tokens. An answer holds its data twice, as text and as structure, so each
 * half has its own limit.
 */
export const HALF_ANSWER = 12_000;

/**
 * Tokens of a text, rather too many than too few: two characters of ASCII count as one, whatever is escaped in JSON and
 * each other UTF-16 unit as more.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (let at = 0; at < text.length; at++) tokens += tokensOf(text.charCodeAt(at));
  return tokens;
}

/** The text, or its beginning and `…` where it has more than `most` tokens. */
export function cutText(text: string, most: number): string {
  let tokens = 0;
  for (let at = 0; at < text.length; at++) {
    tokens += tokensOf(text.charCodeAt(at));
    if (tokens > most)
      return `${text
        .slice(0, at)
        .toWellFormed()
        .replace(/\ufffd$/, "")}…`;
  }
  return text;
}

function tokensOf(unit: number): number {
  if (unit > 0x7e) return 1.5;
  return unit < 0x20 || unit === 0x22 || unit === 0x5c ? 1 : 0.5;
}
