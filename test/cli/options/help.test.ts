import { describe, expect, test } from "vitest";
import { COMMANDS } from "../../../src/cli/command-table.ts";
import type { CommandEntry } from "../../../src/cli/command.ts";
import { wrapHelp } from "../../../src/print/output/wrap-help.ts";
import { startProgram } from "../../helpers/program.ts";

/** Every command as it is typed, `export songs` too; the program itself is the empty one. */
const TYPED = [[], ...(await below(COMMANDS, []))];

async function below(entries: CommandEntry[], before: string[]): Promise<string[][]> {
  const each = entries.map(async ({ name, load }) => {
    const words = [...before, name];
    return [words, ...(await below((await load()).subcommands ?? [], words))];
  });
  return (await Promise.all(each)).flat();
}

async function helpOf(words: string[]): Promise<string> {
  const { code, stdout, stderr } = await startProgram([...words, "--help"], { cwd: "/", env: { COLUMNS: "200" } }).done;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
}

describe("--help in 80 columns", () => {
  test.each(TYPED.map((words) => ({ typed: ["producer-mirror", ...words].join(" "), words })))(
    "$typed",
    async ({ typed, words }) => {
      const lines = (await helpOf(words)).split("\n");
      expect(lines[0]).toMatch(new RegExp(`^Usage: ${typed}`));
      expect(lines[2]).toMatch(/^[A-Z]/);
      expect(lines.filter((line) => line.length > 80)).toEqual([]);
      expect(lines.filter((line) => /\s$/.test(line))).toEqual([]);
    },
  );
});

describe("long lines of help", () => {
  test("go on below, as they began", () => {
    expect(wrapHelp("short\n\n  one two three four", 12)).toBe("short\n\n  one two\n  three four");
    expect(wrapHelp("    7  the folder is gone", 18)).toBe("    7  the folder\n       is gone");
    expect(wrapHelp("averyveryverylongword and", 10)).toBe("averyveryverylongword\nand");
  });

  test("but for what is there to be copied", () => {
    expect(wrapHelp("  $ producer-mirror sql 'select 1'", 12)).toBe("  $ producer-mirror sql 'select 1'");
  });
});
