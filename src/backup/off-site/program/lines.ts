/** A longer line is cut, so that unexpected output cannot fill the memory. */
const MAX_LINE = 256 * 1024;

/** `end` hands out a last line that has no line break. */
export type LineReader = { push(text: string): void; end(): void };

/** Splits text that arrives in chunks; `onLine` gets whole lines without their line breaks. */

export function createLineReader(onLine: (line: string) => void): LineReader {
  let pending = "";
  let overlong = false;
  const emit = (line: string) => onLine(line.replace(/\r$/, ""));
  return {
    push(text) {
      const parts = text.split("\n");
      for (const part of parts.slice(0, -1)) {
        if (!overlong)
          emit(pending.length + part.length > MAX_LINE ? (pending + part).slice(0, MAX_LINE) : pending + part);
        pending = "";
        overlong = false;
      }
      const rest = parts.at(-1) ?? "";
      if (overlong) return;
      pending += rest;
      if (pending.length <= MAX_LINE) return;
      emit(pending.slice(0, MAX_LINE));
      pending = "";
      overlong = true;
    },
    end() {
      if (pending !== "") emit(pending);
      pending = "";
    },
  };
}

const MAX_LINES = 12;
const MAX_WIDTH = 600;

/** The last few lines of many. */
export type Tail = { add(line: string): void; readonly lines: string[] };

export function createTail(): Tail {
  const lines: string[] = [];
  return {
    lines,
    add(line) {
      if (line.trim() === "") return;
      lines.push(line.slice(0, MAX_WIDTH));
      if (lines.length > MAX_LINES) lines.shift();
    },
  };
}
