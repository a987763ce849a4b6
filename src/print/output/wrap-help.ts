/**
 * Wraps help to the width of a terminal. Continued lines are indented like their first line (after the number of an exit
 * code, or the name of an option). Lines to be copied, which begin with `$`, are not wrapped.
 */
export function wrapHelp(text: string, width: number): string {
  return text
    .split("\n")
    .flatMap((line) => (line.length > width && !/^\s*\$ /.test(line) ? wrapLine(line, width) : [line]))
    .join("\n");
}

function wrapLine(line: string, width: number): string[] {
  const start = /^\s*(?:\S+\s{2,})?/.exec(line)?.[0] ?? "";
  const lines: string[] = [];
  let current = start;
  for (const word of line.slice(start.length).split(" ")) {
    const longer = current.trim() === "" || current === start ? current + word : `${current} ${word}`;
    if (longer.length <= width || current === start) current = longer;
    else {
      lines.push(current);
      current = " ".repeat(start.length) + word;
    }
  }
  return [...lines, current];
}
