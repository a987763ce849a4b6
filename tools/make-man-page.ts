import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { COMMANDS } from "../src/cli/command-table.ts";
import { manCommand, manCommonOptions } from "./man-command.ts";
import { bold, hanging, heading, roff, roffMarked, verbatim } from "./roff.ts";

/**
 * The manual page as roff: commands from their table, settings and exit codes from docs/configuration.md, examples
 * from the README, files from data/README.md.
 * Made at each build, and so never committed.
 */
export async function makeManPage(root: string): Promise<string> {
  const readme = await readFile(join(root, "README.md"), "utf8");
  const configuration = await readFile(join(root, "docs/configuration.md"), "utf8");
  const files = await readFile(join(root, "data/README.md"), "utf8");
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as Manifest;
  const commands = await Promise.all(COMMANDS.map(manCommand));
  const parts = [
    `.TH PRODUCER-MIRROR 1 "" "producer-mirror ${roff(manifest.version)}" "User Commands"`,
    heading("SH", "NAME"),
    `producer\\-mirror \\- ${roff(manifest.description.split(":")[0] ?? "")}`,
    heading("SH", "SYNOPSIS"),
    `${bold("producer-mirror")} \\fIcommand\\fR [\\fIoption\\fR ...] [\\fIargument\\fR ...]`,
    heading("SH", "DESCRIPTION"),
    ...paragraphs(section(readme, "What it touches")),
    heading("SH", "OPTIONS"),
    "Every command has these, before or after its name:",
    manCommonOptions(),
    heading("SH", "COMMANDS"),
    ...commands,
    heading("SH", "CONFIGURATION"),
    ...paragraphs(section(configuration, "Configuration")),
    ...rows(section(configuration, "Configuration")).map(([variable = "", flag = "", value = ""]) =>
      hanging(roffMarked(flag === "none" ? variable : `${variable}, ${flag}`), roffMarked(value)),
    ),
    heading("SH", "EXIT STATUS"),
    ...rows(section(configuration, "Exit codes")).map(([code = "", means = ""]) =>
      hanging(bold(code), roffMarked(means)),
    ),
    heading("SH", "FILES"),
    "In the archive's folder:",
    ...codeBlock(files).split("\n").map(file),
    heading("SH", "EXAMPLES"),
    verbatim(codeBlock(section(readme, "First steps"))),
    heading("SH", "SEE ALSO"),
    `${["sqlite3", "restic", "rclone", "ffmpeg"].map((name) => `\\fB${name}\\fR(1)`).join(", ")}`,
  ];
  return `${parts.join("\n")}\n`;
}

/** Where the second column of data/README.md begins, which a long name may touch. */
const NAMES_END = 24;

type Manifest = { version: string; description: string };

/** What is below a heading of a page in Markdown. Throws when there is none. */
function section(page: string, title: string): string {
  const body = page.split(`\n## ${title}\n`)[1]?.split("\n## ")[0];
  if (body === undefined) throw new Error(`a page has no section "${title}", which the manual page is made from`);
  return body;
}

/** Lines that are neither in a table nor in code; items of a list without their mark, links by their text. */
function paragraphs(text: string): string[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("|"));
  return lines.map(
    (line) =>
      `.PP\n${roffMarked(
        line
          .replace(/^- /, "")
          .replaceAll("**", "")
          .replace(/\[([^\]]+)\]\([^)]*\)/g, "$1"),
      )}`,
  );
}

/** The cells of a table, without its heading. */
function rows(text: string): string[][] {
  const lines = text.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** A line of what lies in the archive's folder: a name, then from a column of its own what that is. */
function file(line: string): string {
  const [, name, means] = /^ *(\S.*?) {2,}(\S.*)$/.exec(line) ?? [];
  return hanging(bold(name ?? line.slice(0, NAMES_END).trim()), roffMarked(means ?? line.slice(NAMES_END)));
}

function codeBlock(text: string): string {
  return /^```\w*\n([^]*?)\n```$/m.exec(text)?.[1] ?? "";
}
