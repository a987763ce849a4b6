import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Row } from "../archive-copy.ts";
import { sha256 } from "../folder-tree.ts";

/** Every document of the database is in the journal, in the same characters; only the last line may be torn. */
export function checkJournal(home: string, documents: Row[]): string[] {
  const folder = join(home, "journal");
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".ndjson")) : [];
  const written = new Set<string>();
  const problems: string[] = [];
  for (const name of names) {
    for (const line of readFileSync(join(folder, name), "utf8").split("\n")) {
      const entry = parse(line);
      if (entry?.["type"] !== "document") continue;
      if (sha256(String(entry["document"])) !== entry["sha256"])
        problems.push(`journal: a document of ${String(entry["taskId"])} does not fit its sha256`);
      written.add(`${String(entry["taskId"])} ${String(entry["kind"])} ${String(entry["sha256"])}`);
    }
  }
  const lost = documents.filter((row) => !written.has(`${row["task_id"]} ${row["kind"]} ${row["sha256"]}`));
  return [...problems, ...lost.map((row) => `journal: a document of task ${row["task_id"]} is not in it`)];
}

/** A line that a kill has torn is no entry. */
function parse(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
