class Digits {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

/** Whether two JSON texts are equal apart from white space and the order of keys. Digits count: `1.0` is not `1`. */
export function sameDocument(one: string, other: string): boolean {
  return one === other || canonical(one) === canonical(other);
}

function canonical(document: string): string {
  return JSON.stringify(tagged(JSON.parse(document, keepDigits as (key: string, value: unknown) => unknown)));
}

function keepDigits(_key: string, value: unknown, context: { source?: string }): unknown {
  return typeof value === "number" ? new Digits(context.source ?? String(value)) : value;
}

/** Objects become sorted pairs and numbers their digits, each tagged with its type: `{}` is not `[]`, `1` is not `"1"`. */
function tagged(value: unknown): unknown {
  if (Array.isArray(value)) return ["list", ...value.map(tagged)];
  if (value instanceof Digits) return ["number", value.source];
  if (typeof value !== "object" || value === null) return value;
  const pairs = Object.entries(value).map(([key, member]) => [key, tagged(member)] as const);
  return ["object", ...pairs.sort(([one], [other]) => (one < other ? -1 : 1))];
}
