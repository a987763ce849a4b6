/** A line longer than this is cut: what no program of ours would say must not fill the memory. */
const LONGEST = 256 * 1024;

/** Takes text in pieces and gives whole lines, without their ends, to `onLine`. */
export type LineReader = { take(piece: string): void; end(): void };

export function createLineReader(onLine: (line: string) => void): LineReader {
  let waiting = "";
  let overlong = false;
  const give = (line: string) => onLine(line.replace(/\r$/, ""));
  return {
    take(piece) {
      const parts = piece.split("\n");
      for (const part of parts.slice(0, -1)) {
        if (!overlong)
          give(waiting.length + part.length > LONGEST ? (waiting + part).slice(0, LONGEST) : waiting + part);
        waiting = "";
        overlong = false;
      }
      const rest = parts.at(-1) ?? "";
      if (overlong) return;
      waiting += rest;
      if (waiting.length <= LONGEST) return;
      give(waiting.slice(0, LONGEST));
      waiting = "";
      overlong = true;
    },
    end() {
      if (waiting !== "") give(waiting);
      waiting = "";
    },
  };
}

const KEPT = 12;
const WIDEST = 600;

/** The last few lines, however many there were. */
export type Tail = { add(line: string): void; readonly lines: string[] };

export function createTail(): Tail {
  const lines: string[] = [];
  return {
    lines,
    add(line) {
      if (line.trim() === "") return;
      lines.push(line.slice(0, WIDEST));
      if (lines.length > KEPT) lines.shift();
    },
  };
}
