import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SHELLS } from "../../../src/cli/completion/scripts.ts";
import { PROGRAM } from "../../helpers/program.ts";
import { canType, recorded, typeInto } from "../../helpers/typed.ts";
import { makeLibrary, type Library } from "../../query/library.ts";

let library: Library;
let env: Record<string, string>;
const at = (name: string) => join(library.home, name);

beforeAll(() => {
  library = makeLibrary();
  const models = ["FUZZ-2.0 Pro", "a b'c", `$(touch ${at("ran")})`, `\`touch ${at("ran")}\``, "Zoé;!x|y", "夜の 歌"];
  for (const [number, model] of models.entries())
    library.clip(`clip-${number}`, { model, title: `$(touch ${at("ran")})` });
  for (const folder of ["bin", "queries"]) mkdirSync(at(folder));
  writeFileSync(at("queries/my-songs.sql"), "select 1");
  writeFileSync(at("saved record.json"), "{}");
  // What completes is the program itself; what is then run only writes down what it was given.
  writeFileSync(
    at("bin/producer-mirror"),
    `#!/bin/sh
if [ "$1" = completion ]; then exec "${process.execPath}" "${PROGRAM}" "$@"; fi
{ printf '%s\\001' "$@"; printf '\\002'; } >> "$RECORD"
`,
  );
  chmodSync(at("bin/producer-mirror"), 0o755);
  env = {
    PATH: `${at("bin")}:${process.env["PATH"] ?? ""}`,
    HOME: library.home,
    TERM: "xterm",
    LC_ALL: "C.UTF-8",
    PRODUCER_MIRROR_HOME: library.home,
  };
});
afterAll(() => library[Symbol.dispose]());

/** What is typed, and what the program is run with. */
const TYPED: [string, () => string[]][] = [
  ["producer-mirror hist\tclip-0", () => ["history", "clip-0"]],
  ["producer-mirror clips --remo\t", () => ["clips", "--removed"]],
  ["producer-mirror show clip-3\t", () => ["show", "clip-3"]],
  ["producer-mirror clips --model FUZZ\t", () => ["clips", "--model", "FUZZ-2.0 Pro"]],
  ["producer-mirror clips --model='FUZZ-2.0 P\t", () => ["clips", "--model=FUZZ-2.0 Pro"]],
  ["producer-mirror clips --model a\t", () => ["clips", "--model", "a b'c"]],
  ["producer-mirror clips --model 'a b\t", () => ["clips", "--model", "a b'c"]],
  ["producer-mirror clips --model \\$\t", () => ["clips", "--model", `$(touch ${at("ran")})`]],
  ["producer-mirror clips --model '$\t", () => ["clips", "--model", `$(touch ${at("ran")})`]],
  ['producer-mirror clips --model "\\$\t', () => ["clips", "--model", `$(touch ${at("ran")})`]],
  ["producer-mirror clips --model \\`\t", () => ["clips", "--model", `\`touch ${at("ran")}\``]],
  ["producer-mirror clips --model Z\t", () => ["clips", "--model", "Zoé;!x|y"]],
  ["producer-mirror clips --model 夜\t", () => ["clips", "--model", "夜の 歌"]],
  ["producer-mirror sql @\t", () => ["sql", "@my-songs"]],
  ["producer-mirror import saved\t", () => ["import", "saved record.json"]],
  ["producer-mirror clips --home que\t", () => ["clips", "--home", "queries"]],
  // Typed by hand and not run yet: a tab must not run it.
  ["producer-mirror show '$(touch ran)' clip-\t", () => ["show", "$(touch ran)", "clip-"]],
];

describe.each(SHELLS)("%s", (shell) => {
  test.skipIf(!canType(shell))(
    "completes what a person types, and runs nothing of it",
    async () => {
      const record = at(`record-${shell}`);
      await typeInto(
        shell,
        TYPED.map(([line]) => line),
        { env: { ...env, RECORD: record }, record },
      );
      // zsh takes the slash that it put behind a folder away again.
      const runs = recorded(record).map((words) => words.map((word) => word.replace(/\/$/, "")));
      expect(runs.slice(1)).toEqual(TYPED.map(([, expected]) => expected()));
      expect(existsSync(at("ran"))).toBe(false);
    },
    90_000,
  );
});
