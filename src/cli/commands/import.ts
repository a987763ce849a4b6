import { changeArchive, ensureArchive } from "../../app/write-archive.ts";
import type { Config } from "../../config.ts";
import { EXIT, MirrorError, UsageError } from "../../lib/errors.ts";
import { findRecords } from "../../record/find-records.ts";
import { importText, type ImportedText } from "../../archive/import-text.ts";
import type { CliCommand } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import { countOf } from "../../print/output/numbers.ts";
import { readInput } from "../../lib/files/read-input.ts";

type Options = { json?: boolean; dryRun?: boolean };

/** Imports saved JSON, without a network. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument(
      "<files...>",
      "task records, {items}, direct API responses or callback bodies, as JSON or NDJSON; - reads standard input",
    );
    bare.option("-n, --dry-run", "count the records, and import nothing");
    bare.option("--json", "the counts as one JSON document");
    addExitCodes(bare, [0, 2, 3, 7, 9], {
      2: "no complete record in the files",
      3: "some records could not be read",
    });
    return addExample(bare, "producer-mirror import ~/saved/*.json");
  },

  async run({ config }, files, options) {
    const texts = await Promise.all(files.map(async (file) => ({ file, text: await readInput(file) })));
    const found = texts.reduce((sum, { text }) => sum + findRecords(text).length, 0);
    if (found === 0)
      throw new UsageError(`no complete record in ${files.join(", ")}`, {
        code: "no_records",
        hint: "for files with ids only, use `track --file`",
      });
    const settings = config();
    if (options.dryRun) {
      const lines = [`${settings.home} · ${countOf(found, "record")} would be imported`];
      return { document: { records: found }, lines };
    }
    const report = summarise(apply(settings, texts));
    return { document: report, lines: [sentence(settings.home, report)], error: unreadableError(report) };
  },
};

function apply(config: Config, texts: { file: string; text: string }[]): ImportedText[] {
  ensureArchive(config);
  return texts.map(({ text }) =>
    changeArchive(config, (archive) =>
      importText(archive, text, { source: "import", now: Date.now(), explicit: true }),
    ),
  );
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

function unreadableError({ unreadable: [first] }: ReturnType<typeof summarise>): MirrorError | undefined {
  if (!first) return undefined;
  return new MirrorError("unreadable", EXIT.incomplete, `record ${first.id} cannot be read: ${first.why}`, {
    hint: "the other records were imported",
  });
}

function sentence(home: string, report: ReturnType<typeof summarise>): string {
  const { records, new: added, updated, unchanged, clips } = report;
  return `${home} · ${countOf(records, "record")} read: ${added} new, ${updated} updated, ${unchanged} unchanged; ${countOf(clips, "new clip")}. \`producer-mirror sync --assets-only\` fetches the files`;
}
