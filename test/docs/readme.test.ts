import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Command } from "commander";
import { COMMANDS } from "../../src/cli/command-table.ts";
import { EXIT } from "../../src/lib/errors.ts";
import { SETTINGS } from "../../src/settings.ts";

const README = page("README.md");
const COMMAND_PAGE = page("docs/commands.md");
const CONFIGURATION = page("docs/configuration.md");

function page(name: string): string {
  return readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
}

function section(text: string, title: string): string {
  const [, body = ""] = text.split(`\n## ${title}\n`);
  return body.split("\n## ")[0] ?? "";
}

/** Commands that only look. */
const READERS = [
  "status",
  "tasks",
  "clips",
  "show",
  "history",
  "changes",
  "lineage",
  "why",
  "search",
  "playlist list",
  "playlist show",
  "stats",
  "sql",
  "doctor",
  "config",
  "completion",
  "serve",
  "receive",
  "mcp",
  "key list",
];

/** Every command as it is typed: `export` and `export songs`. */
const TYPED = (
  await Promise.all(
    COMMANDS.map(async (entry) => {
      const { subcommands: kinds = [] } = await entry.load();
      return [
        { ...entry, kinds },
        ...kinds.map((kind) => ({ ...kind, name: `${entry.name} ${kind.name}`, kinds: [] })),
      ];
    }),
  )
).flat();

describe("the pages say what there is", () => {
  test("every command has a row, and every row is a command", () => {
    const rows = [...COMMAND_PAGE.matchAll(/^\| (.+?) \|/gm)].map(([, first = ""]) => first);
    const named = rows.flatMap((row) => [...row.matchAll(/`([a-z]+(?: [a-z]+)*)/g)].map(([, name]) => name));
    const all = TYPED.filter(({ kinds }) => kinds.length === 0).flatMap(({ name, alias }) => [
      name,
      ...(alias ? [alias] : []),
    ]);
    expect(new Set(named)).toEqual(new Set(all));
    expect(named).toHaveLength(all.length);
  });

  test.each(Object.values(SETTINGS))(
    "$variable has a row with its flag and its default",
    ({ variable, flag, default: value }) => {
      const row = section(CONFIGURATION, "Configuration")
        .split("\n")
        .find((line) => line.includes(`\`${variable}\``));
      expect(row).toBeDefined();
      expect(row).toContain(flag ? `\`${flag}\`` : "| none |");
      expect(row).toContain(value);
    },
  );

  test("every exit code has a row", () => {
    const table = section(CONFIGURATION, "Exit codes");
    for (const code of Object.values(EXIT)) expect(table).toMatch(new RegExp(`^\\|[^|]*\\b${code}\\b`, "m"));
  });

  test.each(TYPED)("the help of $name has its exit codes and an example", async ({ name, load }) => {
    let help = "";
    const { define } = await load();
    const command = define(new Command(name)).configureOutput({ writeOut: (text) => (help += text) });
    command.outputHelp();
    expect(help).toContain("Exit codes:");
    expect(help).toContain(`$ producer-mirror ${name}`);
  });

  test.each(TYPED.filter(({ kinds }) => kinds.length === 0))(
    "$name has a --dry-run where it writes",
    async ({ name, load }) => {
      const { define } = await load();
      const flags = define(new Command(name)).options.map((option) => option.long);
      expect(flags.includes("--dry-run")).toBe(!READERS.includes(name));
    },
  );

  test("flags that README and commands page name exist", async () => {
    const known = new Set(["--help", "--home", "--version", "--no-progress", "--json", "--global"]);
    for (const { name, load } of TYPED) {
      for (const option of (await load()).define(new Command(name)).options) if (option.long) known.add(option.long);
    }
    const used = new Set([...`${COMMAND_PAGE}${README}`.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([flag]) => flag));
    expect([...used].filter((flag) => !known.has(flag))).toEqual([]);
  });

  test("every link of a page leads to a page that is there, and every page is linked from the README", () => {
    const pages = ["README.md", ...readdirSync(new URL("../../docs", import.meta.url)).map((name) => `docs/${name}`)];
    const targets = pages.flatMap((name) =>
      [...page(name).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, to = ""]) => join(name, "..", to)),
    );
    expect(targets.filter((to) => !existsSync(new URL(`../../${to}`, import.meta.url)))).toEqual([]);
    expect(pages.filter((name) => name !== "README.md" && !targets.includes(name))).toEqual([]);
  });

  test("the README is short, and does not speak of a package that is not published", () => {
    expect(README.split(/\s+/).length).toBeLessThan(1200);
    expect(README).not.toMatch(/npm (install|i) (--global|-g) producer-mirror/);
  });
});
