const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
const LEVELS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const WIDTH = 20;

/** A bar of at most 20 columns, as long as `value` is to `most`; never nothing for something. */
export function bar(value: number, most: number): string {
  if (!(value > 0) || !(most > 0)) return "";
  const eighths = Math.max(1, Math.round((Math.min(value, most) / most) * WIDTH * 8));
  return "█".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}

/** One column a value: `▁▂█`; a blank for nothing. */
export function sparkline(values: number[]): string {
  const most = Math.max(0, ...values);
  return values
    .map((value) => (value > 0 ? (LEVELS[Math.ceil((value / most) * LEVELS.length) - 1] ?? "█") : " "))
    .join("");
}
