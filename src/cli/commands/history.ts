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

/** The kept versions of a record, and what differs. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument("<id>", "a task or clip, or the beginning of its id");
    bare.option("--json", "everything as one JSON document, values whole");
    addExitCodes(bare, [0, 2, 4, 7, 9], {
      2: "usage or configuration; no such id, or several begin so; no archive here",
    });
    return addExample(bare, "producer-mirror history 1dd08826");
  },

  async run({ config, output }, [id = ""], { json }) {
    using archive = openForReading(config());
    const told = history(archive.db, id);
    if (json) await output.json(told);
    else output.print([archive.home, ...report(told)].join("\n"));
    await output.flush();
    return 0;
  },
};

function report({ kind, id, taskId, versions }: History): string[] {
  const whose = kind === "clip" ? `clip ${id} · its task ${taskId}` : `task ${id}`;
  if (versions.length === 0) return [safeLine(`${whose} · never answered: no version yet`)];
  return [safeLine(`${whose} · ${countOf(versions.length, "version")}`), ...versions.flatMap(versionLines)];
}

function versionLines({ version, kind, fetchedAt, current, against, differences }: Version): string[] {
  const said = against === null ? "" : `  ${countOf(differences.length, "difference")} from version ${against}`;
  const head = `version ${version}  ${kind}  ${fetchedAt ?? "time unknown"}${said}${current ? "  current" : ""}`;
  return ["", head, ...differences.map((one) => `  ${safeLine(differenceLine(one))}`)];
}

function differenceLine({ path, change, old, new: fresh }: Difference): string {
  const place = path || "the whole record";
  if (change === "added") return `+ ${place}  ${shown(fresh)}`;
  if (change === "removed") return `- ${place}  ${shown(old)}`;
  if (change === "rotated") return `~ ${place}  only the address rotated: ${shown(old)} → ${shown(fresh)}`;
  return `~ ${place}  ${shown(old)} → ${shown(fresh)}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  const letters = Array.from(text);
  return letters.length <= SHOWN ? text : `${letters.slice(0, SHOWN - 1).join("")}…`;
}
