/** `size` different ones, in any order. */
export function sample<One>(all: One[], size: number): One[] {
  if (size * 2 >= all.length) return shuffled(all).slice(0, size);
  const drawn = new Set<number>();
  while (drawn.size < size) drawn.add(Math.floor(Math.random() * all.length));
  return [...drawn].flatMap((at) => all[at] ?? []);
}

function shuffled<One>(all: One[]): One[] {
  return all
    .map((one) => ({ one, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ one }) => one);
}
