/** A piece of a text, and whether the other text has it too. */
export type Piece = { text: string; isShared: boolean };

/** Texts of songs are short; longer ones are shown without marks. */
const MAX_WORDS = 1500;

/** Two texts in pieces, by the longest common run of words. */
export function wordDifferences(one: string, other: string): { one: Piece[]; other: Piece[] } {
  const [a, b] = [wordsOf(one), wordsOf(other)];
  if (a.length > MAX_WORDS || b.length > MAX_WORDS) return { one: whole(one), other: whole(other) };
  const lengths = tableOf(a, b);
  const [left, right]: [Piece[], Piece[]] = [[], []];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      add(left, a[i++]!, true);
      add(right, b[j++]!, true);
    } else if (j >= b.length || (i < a.length && lengths[i + 1]![j]! >= lengths[i]![j + 1]!)) add(left, a[i++]!, false);
    else add(right, b[j++]!, false);
  }
  return { one: left, other: right };
}

function wordsOf(text: string): string[] {
  return (
    text.match(
      /\s+|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+/gu,
    ) ?? []
  );
}

/** For each pair of indexes: how many words are common from there on. */
function tableOf(a: string[], b: string[]): Uint16Array[] {
  const table = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      table[i]![j] = a[i] === b[j] ? table[i + 1]![j + 1]! + 1 : Math.max(table[i + 1]![j]!, table[i]![j + 1]!);
  return table;
}

function add(pieces: Piece[], text: string, isShared: boolean): void {
  const last = pieces.at(-1);
  if (last?.isShared === isShared) last.text += text;
  else pieces.push({ text, isShared });
}

function whole(text: string): Piece[] {
  return [{ text, isShared: true }];
}
