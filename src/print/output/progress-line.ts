import { safeLine } from "../../lib/text/terminal-safe.ts";
import { isPlain, PLAIN_WIDTHS } from "../../lib/text/widths.ts";
import { widthsFor } from "../../lib/text/widths-for.ts";

/** The progress of long work: redrawn in place on a terminal, a plain line now and then elsewhere. */
export type ProgressLine = {
  /** Shows what `render` gives until the result is disposed of. */
  start(render: () => string): Disposable;
  /** Erases the line before other output; the next redraw shows it again. */
  clear(): void;
};

export type ProgressOptions = {
  /** Redraw in place. */
  live: boolean;
  columns: () => number;
  write: (text: string) => void;
  /** Milliseconds between two plain lines. */
  plainEvery?: number;
};

const REDRAW_MS = 100;
const PLAIN_MS = 30_000;
const ERASE = "\r\u001b[2K";

export function createProgressLine({ live, columns, write, plainEvery = PLAIN_MS }: ProgressOptions): ProgressLine {
  let shown = "";
  let widths = PLAIN_WIDTHS;
  const clear = () => {
    if (shown) write(ERASE);
    shown = "";
  };
  const draw = (render: () => string) => {
    const text = safeLine(render());
    // The next redraw has them: a line of unknown width could wrap, and then it could not be erased.
    if (widths === PLAIN_WIDTHS && !isPlain(text)) return void widthsFor([text]).then((known) => (widths = known));
    const line = widths.truncate(text, columns() - 1);
    if (line !== shown) write(ERASE + line);
    shown = line;
  };
  /** Nothing is written before anything is known. */
  const writeLine = (text: string) => void (text && write(`${safeLine(text)}\n`));
  return {
    clear,
    start(render) {
      if (live) draw(render);
      const timer = live
        ? setInterval(() => draw(render), REDRAW_MS)
        : setInterval(() => writeLine(render()), plainEvery);
      timer.unref();
      return {
        [Symbol.dispose]: () => {
          clearInterval(timer);
          clear();
        },
      };
    },
  };
}
