import { requireArchive } from "../../../app/archive.ts";
import { planRemoveKey, removeKey } from "../../../server/keys/change-keys.ts";
import type { CliCommand } from "../../command.ts";
import { addExample, addExitCodes } from "../../options/help.ts";

type Options = { json?: boolean; dryRun?: boolean };

/** Ends a key; what still goes out to it ends too. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument("<name>", "as `key list` shows it");
    bare.option("-n, --dry-run", "say which key would be ended; changes nothing");
    bare.option("--json", "the name as one JSON document");
    addExitCodes(bare, [0, 2, 7, 8], { 2: "no key of this name; no archive here" });
    return addExample(bare, "producer-mirror key rm phone");
  },

  async run({ config }, [text = ""], options) {
    const settings = config();
    const { home } = settings;
    requireArchive(settings);
    const name = options.dryRun ? planRemoveKey(home, text) : removeKey(home, text);
    const line = options.dryRun
      ? `${home} · would end the key named ${name}`
      : `${home} · the key named ${name} is removed; a server that runs ends what it sends to it within a second`;
    return { document: { name }, lines: [line] };
  },
};
