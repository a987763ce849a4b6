import { openForReading } from "../../app/archive.ts";
import { lineage } from "../../query/lineage/lineage.ts";
import { treeRows } from "../../query/lineage/tree.ts";
import type { CliCommand } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import { mermaidOf } from "../../print/views/lineage-mermaid.ts";
import { TREE_LISTING } from "../../print/views/lineage-table.ts";
import { chooseFormat } from "../options/list-options.ts";
import { countOf } from "../../print/output/numbers.ts";
import { makeWordOption } from "../options/option-values.ts";

const FORMATS = ["tree", "json", "mermaid"] as const;

type Options = { json?: boolean; format?: string };

const READING_IT = `
▸ marks the song that you asked for. "(above)" marks a song that is already shown further up: a swap has two parents.
A task id means all clips of that task.`;

/** The family of a clip: what it was made from, and what was made from that. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument("<id>", "a clip or task, or the beginning of its id");
    bare.addOption(makeWordOption("--format <format>", `${FORMATS.join(", ")} (default tree)`, FORMATS));
    bare.option("--json", "the same as --format json");
    bare.addHelpText("after", READING_IT);
    addExitCodes(bare, [0, 2, 4, 7, 9], {
      2: "usage or configuration; no such id, or several begin so; no archive here",
    });
    return addExample(bare, "producer-mirror lineage 1dd08826");
  },

  async run({ config, output }, [id = ""], options) {
    const format = chooseFormat(FORMATS, options);
    using archive = await openForReading(config());
    const family = lineage(archive.db, id);
    if (format === "json") await output.json(family);
    else if (format === "mermaid") await output.printExactly(mermaidOf(family));
    else {
      output.note(archive.home);
      await output.rows("table", treeRows(family), TREE_LISTING);
      if (family.nodes.length === 1) output.note("made from nothing here, and nothing here was made from it");
      else output.note(`${countOf(family.nodes.length, "song")} in the family`);
    }
  },
};
