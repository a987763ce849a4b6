/** An excerpt with its hits between « and ». */
export function Snippet({ text }: { text: string }) {
  const parts = text.replaceAll(/\s+/g, " ").split(/(«[^»]*»)/);
  const first = parts[0] ?? "";
  // The hit must be seen in a narrow row.
  parts[0] = first.length > 14 ? `…${first.slice(-12)}` : first;
  return (
    <bdi>{parts.map((part, at) => (part.startsWith("«") ? <mark key={at}>{part.slice(1, -1)}</mark> : part))}</bdi>
  );
}
