/** Text as roff sets it: every character as itself, whatever it means to roff, in plain ASCII. */
export function roff(text: string): string {
  return text
    .replace(/[\\'"`^~-]/g, (found) => SPELLED[found] ?? found)
    .replace(
      /[^\n\x20-\x7e]/gu,
      (found) => `\\[u${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`,
    )
    .replace(/^\./gm, "\\&.");
}

const SPELLED: Record<string, string> = {
  "\\": "\\[rs]",
  "'": "\\[aq]",
  '"': "\\[dq]",
  "`": "\\[ga]",
  "^": "\\[ha]",
  "~": "\\[ti]",
  "-": "\\-",
};

/** As `roff`, with what is between backticks in bold. */
export function roffMarked(text: string): string {
  return text
    .split("`")
    .map((part, at) => (at % 2 === 1 ? bold(part) : roff(part)))
    .join("");
}

export function bold(text: string): string {
  return `\\fB${roff(text)}\\fR`;
}

export function italic(text: string): string {
  return `\\fI${roff(text)}\\fR`;
}

/** A heading of the page, `SH`, or of a part of it, `SS`. */
export function heading(macro: "SH" | "SS", text: string): string {
  return `.${macro} "${roff(text)}"`;
}

/** A paragraph that hangs below what it explains; both are roff already. */
export function hanging(term: string, text: string): string {
  return `.TP\n${term}\n${text}`;
}

/** Lines that stay as they are. */
export function verbatim(text: string): string {
  return `.PP\n.nf\n.RS 4\n${roff(text)}\n.RE\n.fi`;
}
