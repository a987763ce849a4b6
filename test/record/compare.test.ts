import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { sameDocument } from "../../src/record/compare.ts";

describe("sameDocument", () => {
  test.each([
    ['{"a":1,"b":[1,2]}', '{ "b": [1, 2], "a": 1 }', true],
    ['{"a":{"x":1,"y":2}}', '{"a":{"y":2,"x":1}}', true],
    ['{"a":"\\u0041"}', '{"a":"A"}', true],
    ['{"a":1}', '{"a":1.0}', false],
    ['{"a":12345678901234567890}', '{"a":12345678901234567891}', false],
    ['{"a":[]}', '{"a":{}}', false],
    ['{"a":[["b",1]]}', '{"a":{"b":1}}', false],
    ['{"a":1}', '{"a":{"number":"1"}}', false],
    ['{"a":1}', '{"a":["number","1"]}', false],
    ['{"a":1}', '{"a":"1"}', false],
    ['{"a":[1,2]}', '{"a":[2,1]}', false],
    ['{"a":null}', "{}", false],
    ['{"a":[]}', '{"a":["list"]}', false],
    ['{"__proto__":{"a":1}}', '{"__proto__":{"a":2}}', false],
  ])("%s and %s: %s", (one, other, same) => {
    expect(sameDocument(one, other)).toBe(same);
    expect(sameDocument(other, one)).toBe(same);
  });

  it("is blind to blanks and the order of keys, for any JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(sameDocument(JSON.stringify(value), JSON.stringify(reversed(value), null, 2))).toBe(true);
      }),
    );
  });

  it("tells any two values apart that JSON.stringify tells apart", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 2 }), fc.jsonValue({ maxDepth: 2 }), (one, other) => {
        fc.pre(JSON.stringify(sortedKeys(one)) !== JSON.stringify(sortedKeys(other)));
        expect(sameDocument(JSON.stringify(one), JSON.stringify(other))).toBe(false);
      }),
    );
  });
});

function reversed(value: unknown): unknown {
  return remade(value, (keys) => keys.toReversed());
}

function sortedKeys(value: unknown): unknown {
  return remade(value, (keys) => keys.toSorted());
}

function remade(value: unknown, order: (keys: string[]) => string[]): unknown {
  if (Array.isArray(value)) return value.map((member) => remade(member, order));
  if (typeof value !== "object" || value === null) return value;
  const entries = order(Object.keys(value)).map(
    (key) => [key, remade((value as Record<string, unknown>)[key], order)] as const,
  );
  return Object.fromEntries(entries);
}
