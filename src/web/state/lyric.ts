/** A lyric by its sections. Times in seconds, where the lines carry them (`[01:23.45]`). */
export type Section = { name: string | null; lines: { text: string; at: number | null }[] };

const TIME = /^\s*\[(\d{1,3}):([0-5]\d(?:[.:]\d{1,3})?)\]\s*/;
const HEAD = /^\s*[[(]([^\][()]{1,60})[\])]\s*$/;

export function sectionsOf(lyric: string | null): Section[] {
  const sections: Section[] = [];
  for (const line of (lyric ?? "").split(/\r?\n/)) {
    const time = TIME.exec(line);
    const text = time ? line.slice(time[0].length) : line;
    const head = time ? null : HEAD.exec(line);
    if (head) sections.push({ name: head[1]?.trim() ?? null, lines: [] });
    else if (text.trim() || sections.at(-1)?.lines.length) {
      if (sections.length === 0) sections.push({ name: null, lines: [] });
      sections
        .at(-1)
        ?.lines.push({ text, at: time ? Number(time[1]) * 60 + Number(time[2]?.replace(":", ".")) : null });
    }
  }
  for (const { lines } of sections) while (lines.length > 0 && !lines.at(-1)?.text.trim()) lines.pop();
  return sections.filter(({ name, lines }) => name !== null || lines.length > 0);
}
