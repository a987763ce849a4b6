import { countText } from "../output/numbers.ts";
import type { Output } from "../output/output.ts";

/** Exact, since other programs open them: `producer-mirror clips --paths | xargs -d '\\n' mpv`. */
export async function printPaths(output: Output, rows: Iterable<{ audioPath: string | null }>): Promise<void> {
  let [lines, without] = ["", 0];
  for (const { audioPath } of rows) {
    if (audioPath === null) without++;
    else lines += `${audioPath}\n`;
    if (lines.length < 16_384) continue;
    await output.printExactly(lines);
    lines = "";
    if (output.readerGone.aborted) return;
  }
  if (lines) await output.printExactly(lines);
  if (without > 0) output.detail(`${countText(without)} without stored audio`);
}
