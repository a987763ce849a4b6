import { openForReading } from "../../app/archive.ts";
import { history, type History, type Version } from "../../query/history/history.ts";
import type { Difference } from "../../query/history/differences.ts";
import { safeLine } from "../../lib/text/terminal-safe.ts";
import type { CliCommand } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import { countOf } from "../../print/output/numbers.ts";

type Options = { json?: boolean };

/** Values are cut in the report; `--json` has them whole. */
const SHOWN = 60;

/** The stored versions of a record, and what differs. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument("<id>", "a task or clip, or the beginning of its id");
    bare.option("--json", "everything as one JSON document, values whole");
    addExitCodes(bare, [0, 2, 4, 7, 9], {
      2: "usage or configuration; no such id, or several begin so; no archive here",
    });
    return addExample(bare, "producer-mirror history 1dd08826");
  },

  async run({ config }, [id = ""]) {
    using archive = await openForReading(config());
    const found = history(archive.db, id);
    return { document: found, lines: [archive.home, ...report(found)] };
  },
};

function report({ kind, id, taskId, versions }: History): string[] {
  const whose = kind === "clip" ? `clip ${id} · its task ${taskId}` : `task ${id}`;
  if (versions.length === 0) return [safeLine(`${whose} · never answered: no version yet`)];
  return [safeLine(`${whose} · ${countOf(versions.length, "version")}`), ...versions.flatMap(versionLines)];
}

function versionLines({ version, kind, fetchedAt, current, against, differences }: Version): string[] {
  const compared = against === null ? "" : `  ${countOf(differences.length, "difference")} from version ${against}`;
  const head = `version ${version}  ${kind}  ${fetchedAt ?? "time unknown"}${compared}${current ? "  current" : ""}`;
  return ["", head, ...differences.map((one) => `  ${safeLine(differenceLine(one))}`)];
}

function differenceLine({ path, change, old, new: fresh }: Difference): string {
  const field = path || "the whole record";
  if (change === "added") return `+ ${field}  ${shown(fresh)}`;
  if (change === "removed") return `- ${field}  ${shown(old)}`;
  if (change === "rotated") return `~ ${field}  only the address changed (same file): ${shown(old)} → ${shown(fresh)}`;
  return `~ ${field}  ${shown(old)} → ${shown(fresh)}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  const letters = Array.from(text);
  return letters.length <= SHOWN ? text : `${letters.slice(0, SHOWN - 1).join("")}…`;
}
