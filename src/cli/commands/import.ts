import { ensureArchive, openForWriting } from "../../app/archive.ts";
import type { Config } from "../../config.ts";
import { EXIT, MirrorError, UsageError } from "../../lib/errors.ts";
import { findRecords } from "../../record/find-records.ts";
import { importText, type ImportedText } from "../../archive/import-text.ts";
import type { CliCommand } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import { countOf } from "../../print/output/numbers.ts";
import { readInput } from "../../lib/files/read-input.ts";

type Options = { json?: boolean; dryRun?: boolean };

/** Takes saved JSON into the archive, offline. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument(
      "<files...>",
      "task records, {items}, synchronous answers, callback bodies, as JSON or NDJSON; - is standard input",
    );
    bare.option("-n, --dry-run", "say how many records there are, and import nothing");
    bare.option("--json", "the counts as one JSON document");
    addExitCodes(bare, [0, 2, 3, 7, 9], {
      2: "no whole record in what was given",
      3: "some records could not be read",
    });
    return addExample(bare, "producer-mirror import ~/saved/*.json");
  },

  async run({ config, output }, files, options) {
    const texts = await Promise.all(files.map(async (file) => ({ file, text: await readInput(file) })));
    const found = texts.reduce((sum, { text }) => sum + findRecords(text).length, 0);
    if (found === 0)
      throw new UsageError(`no whole record in ${files.join(", ")}`, {
        code: "no_records",
        hint: "for files that hold only ids use `track --file`",
      });
    const settings = config();
    if (options.dryRun) {
      if (options.json) await output.json({ dryRun: true, records: found });
      else output.print(`${settings.home} · ${countOf(found, "record")} would be imported`);
      return EXIT.ok;
    }
    const report = summarise(apply(settings, texts));
    const trouble = troubleOf(report);
    if (options.json && !trouble) await output.json(report);
    else if (!options.json) output.print(sentence(settings.home, report));
    if (trouble) await output.error(trouble, report);
    return trouble?.exit ?? EXIT.ok;
  },
};

function apply(config: Config, texts: { file: string; text: string }[]): ImportedText[] {
  ensureArchive(config);
  using archive = openForWriting(config);
  return texts.map(({ text }) => importText(archive, text, { source: "import", now: Date.now(), explicit: true }));
}

function summarise(all: ImportedText[]) {
  const saved = all.flatMap((taken) => taken.saved);
  const of = (change: string) => saved.filter((record) => record.change === change).length;
  return {
    records: all.reduce((sum, taken) => sum + taken.records, 0),
    new: of("new"),
    updated: of("updated"),
    unchanged: of("unchanged"),
    clips: saved.reduce((sum, record) => sum + record.clipsNew, 0),
    added: all.reduce((sum, taken) => sum + taken.added, 0),
    alreadyTracked: all.reduce((sum, taken) => sum + taken.alreadyTracked, 0),
    unreadable: all.flatMap((taken) => taken.unreadable),
  };
}

function troubleOf({ unreadable: [first] }: ReturnType<typeof summarise>): MirrorError | undefined {
  if (!first) return undefined;
  return new MirrorError("unreadable", EXIT.incomplete, `record ${first.id} cannot be read: ${first.why}`, {
    hint: "the others are imported",
  });
}

function sentence(home: string, report: ReturnType<typeof summarise>): string {
  const { records, new: added, updated, unchanged, clips } = report;
  return `${home} · ${countOf(records, "record")} read: ${added} new, ${updated} updated, ${unchanged} unchanged; ${countOf(clips, "new clip")}. \`producer-mirror sync --assets-only\` fetches the files`;
}
