import { lyricEnding, lyricText, withoutKeys } from "../../../export/songs/plan/texts.ts";

/** `start`: milliseconds from the beginning of the song. */
export type LyricLine = { start?: number; value: string };

const TIME = /\[(\d{1,3}):(\d{2})(?:[.:](\d{1,3}))?\]/g;
/** What is before a line: one time or several. */
const TIMES = /^\s*((?:\[\d{1,3}:\d{2}(?:[.:]\d{1,3})?\]\s*)+)/;
/** Of a word within a line. */
const WORD_TIME = /<\d{1,3}:\d{2}(?:[.:]\d{1,3})?>\s?/g;
/** What a lyric file says about itself, such as `[ar:…]` and `[offset:…]`. */
const ABOUT = /^\s*\[(?:ar|al|ti|au|by|la|re|tool|ve|length|offset|#):[^\]]*\]\s*$/i;

/** A lyric by its lines; in the order of their times where they carry such. */
export function lyricLines(lyric: string): { synced: boolean; lines: LyricLine[] } {
  const lines = lyricText(withoutKeys(lyric)).trimEnd().split("\n");
  if (lyricEnding(lyric) === "txt") return { synced: false, lines: lines.map((value) => ({ value })) };
  const timed = lines.flatMap((line) => {
    const value = withoutTimes(line);
    return startsOf(line).map((start) => ({ start, value }));
  });
  return { synced: true, lines: timed.toSorted((one, other) => one.start - other.start) };
}

/** A lyric as text alone, without times. */
export function plainLyric(lyric: string): string {
  const { synced, lines } = lyricLines(lyric);
  if (!synced) return lines.map(({ value }) => value).join("\n");
  const shown = lyricText(withoutKeys(lyric)).trimEnd().split("\n");
  return shown
    .filter((line) => !ABOUT.test(line))
    .map(withoutTimes)
    .join("\n");
}

function withoutTimes(line: string): string {
  return line.replace(TIMES, "").replace(WORD_TIME, "").trim();
}

function startsOf(line: string): number[] {
  const [, before = ""] = TIMES.exec(line) ?? [];
  return [...before.matchAll(TIME)].map(([, minutes, seconds, part = "0"]) => {
    const milliseconds = Number(`0.${part}`) * 1000;
    return Math.round((Number(minutes) * 60 + Number(seconds)) * 1000 + milliseconds);
  });
}
