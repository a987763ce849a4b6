import { execaSync } from "execa";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { quoteLike, splitShellLine, unquote } from "../../../src/cli/completion/shell-line.ts";

describe("a line up to the cursor", () => {
  test.each([
    ["producer-mirror ", ["producer-mirror"], ""],
    ["producer-mirror sh", ["producer-mirror"], "sh"],
    ["p show  1d", ["p", "show"], "1d"],
    ['p a\\ b \'c d\' "e \\"f" g\\', ["p", "a b", "c d", 'e "f'], "g\\"],
    ["p 'open word", ["p"], "'open word"],
    ['p --x="open $(y)', ["p"], '--x="open $(y)'],
    ["p \\$HOME $HOME", ["p", "$HOME"], "$HOME"],
    ["p a'b'\"c\"\\ d x", ["p", "abc d"], "x"],
    ["", [], ""],
  ])("%j", (line, words, raw) => expect(splitShellLine(line)).toEqual({ words, raw }));

  test.each([
    ["'a b", "a b"],
    ['"a \\$ \\x', "a $ \\x"],
    ["a\\", "a"],
    ["--model='FUZZ 2", "--model=FUZZ 2"],
  ])("%j is %j", (raw, word) => expect(unquote(raw)).toBe(word));
});

describe("what is offered, as bash reads it", () => {
  const values = fc.sample(
    fc.string({ unit: fc.constantFrom(..."ab'\"\\$`(;!~#=&|<>*?[]{} é夜🎵-@:"), minLength: 1 }),
    {
      numRuns: 400,
      seed: 7,
    },
  );

  test("comes back as the value, and nothing of it runs", () => {
    const quoted = values.flatMap((value) => [quoteLike("", value), `${quoteLike("'", value)}'`]);
    expect(readByBash(quoted)).toEqual(values.flatMap((value) => [value, value]));
    const plain = values.filter((value) => !value.includes("!"));
    expect(readByBash(plain.map((value) => `${quoteLike('"', value)}"`))).toEqual(plain);
  });

  test("goes on where a quote was opened within the word", () => {
    expect(quoteLike("--model='a b", "--model=a b'c")).toBe(`--model='a b'\\''c`);
    expect(quoteLike("--x='a", "--model=a b")).toBeUndefined();
    expect(quoteLike('"', "wow!")).toBeUndefined();
  });
});

function readByBash(words: (string | undefined)[]): string[] {
  const { stdout } = execaSync("bash", ["-c", `printf '%s\\0' ${words.join(" ")}`], { env: { LC_ALL: "C.UTF-8" } });
  return stdout.split("\0").slice(0, -1);
}
