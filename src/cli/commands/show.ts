import { openForReading } from "../../app/archive.ts";
import { UsageError } from "../../lib/errors.ts";
import { curlOf } from "../../query/explain/curl.ts";
import { currentDocument } from "../../query/explain/document.ts";
import { show } from "../../query/explain/show.ts";
import type { CliCommand } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import { showReport } from "../../print/views/show.ts";

type Options = { json?: boolean; raw?: boolean; curl?: boolean };

/** One task or clip, whole. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument("<id>", "a task or clip, or the beginning of its id");
    bare.option("--json", "everything as one JSON document");
    bare.option("--raw", "the record exactly as the API sent it");
    bare.option("--curl", "the request that made it, without token, callback and account ids");
    addExitCodes(bare, [0, 2, 4, 7, 9], {
      2: "usage or configuration; no such id, or several begin so; no archive here",
    });
    return addExample(bare, "producer-mirror show 1dd08826");
  },

  async run({ config, output }, [id = ""], options) {
    const chosen = (["json", "raw", "curl"] as const).filter((name) => options[name]);
    if (chosen.length > 1) throw new UsageError(`--${chosen.join(" and --")} exclude each other`);
    const settings = config();
    using archive = await openForReading(settings);
    if (options.raw) await output.printExactly(currentDocument(archive.db, id).document);
    else if (options.curl) {
      await output.printExactly(`${curlOf(currentDocument(archive.db, id), settings.apiUrl)}\n`);
      output.note("running this makes a new song and is billed");
    } else {
      const found = show(archive.db, id, archive.assetsRoot);
      return { document: found, lines: [archive.home, ...showReport(found)] };
    }
  },
};
