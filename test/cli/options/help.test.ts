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

describe("help as a command", () => {
  const run = (line: string) => startProgram(line.split(" "), { cwd: "/", env: { COLUMNS: "200" } }).done;

  test.each([
    ["help", ""],
    ["help help", ""],
    ["help track", " track"],
    ["help ls", " clips"],
    ["help export songs", " export songs"],
    ["--home /x help sync", " sync"],
  ])("%s is the help of producer-mirror%s", async (line, name) => {
    const { code, stdout } = await run(line);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: producer-mirror${name}[ |]`));
    expect(stdout.includes("Exit codes:")).toBe(name !== "");
  });

  test.each(["help nosuch", "help export nosuch", "nosuch"])("%s: one line that names it, exit 2", async (line) => {
    const { code, stderr } = await run(line);
    expect(code).toBe(2);
    expect(stderr.split("\n")[0]).toBe(`error: unknown command '${line.replace("help ", "")}'`);
  });

  test("says of each exit code and --limit what it means for this command", async () => {
    const restore = await helpOf(["restore"]);
    expect(restore).toContain("6  the location refused the password or the key");
    expect(restore).not.toContain("API");
    for (const kind of ["songs", "feed"]) expect(await helpOf(["export", kind])).not.toMatch(/--limit.*(print|table)/);
    expect(await helpOf(["watch"])).toMatch(/--cron.*five fields.*six/s);
  });
});
