type Token = { number: string };

/** True when two JSON texts say the same apart from blanks and the order of keys. Digits count: `1.0` is not `1`. */
export function sameDocument(one: string, other: string): boolean {
  return one === other || canonical(one) === canonical(other);
}

function canonical(document: string): string {
  return JSON.stringify(sorted(JSON.parse(document, keepDigits as (key: string, value: unknown) => unknown)));
}

function keepDigits(_key: string, value: unknown, context: { source?: string }): unknown {
  return typeof value === "number" ? ({ number: context.source ?? String(value) } satisfies Token) : value;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .map(([key, member]) => [key, sorted(member)] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));
}
