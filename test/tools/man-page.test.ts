import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { COMMANDS } from "../../src/cli/command-table.ts";
import { EXIT } from "../../src/lib/errors.ts";
import { SETTINGS } from "../../src/settings.ts";
import { makeManPage } from "../../tools/make-man-page.ts";
import { heading, roff, verbatim } from "../../tools/roff.ts";
import { has } from "../helpers/needs.ts";

const page = await makeManPage(join(import.meta.dirname, "../.."));

/** The page as a person reads it, without bold and underlining. */
async function read(text: string, ...args: string[]): Promise<{ text: string; warnings: string }> {
  const { stdout, stderr } = await execa("groff", ["-man", "-ww", "-Tutf8", "-P-c", "-rLL=200n", ...args], {
    input: text,
  });
  return { text: stdout.replace(/.\u0008/gu, ""), warnings: stderr };
}

describe("the manual page", () => {
  test("has the sections that such pages have, in their order", () => {
    expect([...page.matchAll(/^\.SH "(.*)"$/gm)].map(([, title]) => title)).toEqual([
      "NAME",
      "SYNOPSIS",
      "DESCRIPTION",
      "OPTIONS",
      "COMMANDS",
      "CONFIGURATION",
      "EXIT STATUS",
      "FILES",
      "EXAMPLES",
      "SEE ALSO",
    ]);
  });

  test.skipIf(!has("groff"))("says all that there is, without a warning of groff", async () => {
    const { text, warnings } = await read(page);
    expect(warnings).toBe("");
    for (const { name, alias } of COMMANDS)
      expect(text).toMatch(new RegExp(`^ {3}${alias ? `${name}\\|${alias}` : name} `, "m"));
    for (const { variable } of Object.values(SETTINGS)) expect(text).toContain(`       ${variable}`);
    for (const code of Object.values(EXIT)) expect(text).toMatch(new RegExp(`^ {7}(\\d+, )?${code}\\b`, "m"));
    for (const line of [
      "       --max-age <time>",
      "   export songs [options] <folder>",
      '$ producer-mirror watch --cron "0 * * * *"',
      "       …/….part, ….part.json\n              a file that is still arriving",
    ]) {
      expect(text).toContain(line);
    }
  });

  test.skipIf(!has("man"))("is one to man, which does not warn either", async () => {
    const { stderr, stdout } = await execa("man", ["--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-"], {
      input: page,
      env: { MANWIDTH: "80", PAGER: "cat", LC_ALL: "C.UTF-8" },
    });
    expect(stderr).toBe("");
    expect(stdout).toContain("User Commands");
  });

  test.skipIf(!has("groff"))("shows every character as it is, whatever roff would do with it", async () => {
    const nasty = `.de x\n'br\n\\fB \\n[x] \\(aq "q" 'a' -- \`b\` ^~ é ▸ 夜 {\\}`;
    const { text, warnings } = await read(`.TH X 1 "" "" ""\n${heading("SS", `a "b" \\c`)}\n${verbatim(nasty)}`);
    expect(warnings).toBe("");
    for (const line of nasty.split("\n")) expect(text).toContain(`    ${line}`);
    expect(text).toContain('a "b" \\c');
    expect(roff("a\n.b")).toBe("a\n\\&.b");
  });
});
