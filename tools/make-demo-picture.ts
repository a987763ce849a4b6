// Draws tools/demo-picture.svg from what `npm run demo` prints: run by hand after the demo changes.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { ANY_WIDTHS } from "../src/lib/text/any-widths.ts";

const COLUMNS = 100;
const LINE = 17;
const CHARACTER = 7.83;

const home = mkdtempSync(join(tmpdir(), "demo-picture-"));
try {
  const main = join(import.meta.dirname, "..", "src", "main.ts");
  const { stdout } = await execa(process.execPath, [main, "demo", "--home", "data/demo"], { cwd: home });
  const lines = stdout.replaceAll(`${home}/`, "~/mirror/").trim().split("\n");
  const shown = lines.slice(
    0,
    lines.findIndex((line) => line.startsWith("$ producer-mirror stats")),
  );
  writeFileSync(join(import.meta.dirname, "demo-picture.svg"), draw(shown));
} finally {
  rmSync(home, { recursive: true, force: true });
}

function draw(lines: string[]): string {
  const width = Math.ceil(COLUMNS * CHARACTER + 32);
  const height = lines.length * LINE + 36;
  const texts = lines.map(
    (line, n) =>
      `<text x="16" y="${28 + n * LINE}" class="${classOf(line)}">${escape(ANY_WIDTHS.truncate(line, COLUMNS))}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" xml:space="preserve" role="img" aria-label="The demo in a terminal">
<style>text{font:13px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre;fill:#d6deeb}.say{fill:#7fdbca}.type{fill:#ffffff;font-weight:600}.data{fill:#d6deeb}</style>
<rect width="100%" height="100%" rx="8" fill="#0b1b2b"/>
${texts.join("\n")}
</svg>
`;
}

function classOf(line: string): string {
  return line.startsWith("#") ? "say" : line.startsWith("$") ? "type" : "data";
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
