import { requireArchive } from "../../../app/archive.ts";
import { addKey, planAddKey } from "../../../server/keys/change-keys.ts";
import type { CliCommand } from "../../command.ts";
import { addExample, addExitCodes } from "../../options/help.ts";

type Options = { json?: boolean; dryRun?: boolean };

/** Makes a key. It is printed here and nowhere else. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument("<name>", "of the device, such as phone");
    bare.option("-n, --dry-run", "say whether the name can be taken; makes no key");
    bare.option("--json", "name and key as one JSON document");
    bare.addHelpText(
      "after",
      "\nThe key is the only line on stdout. It is taken as Authorization: Bearer, as the password of this name (Basic, Subsonic),\nin the login of the page, and inside of an address: http://host:6464/key/<key>/…",
    );
    addExitCodes(bare, [0, 2, 7, 8], { 2: "a name that is taken, or cannot be one; no archive here" });
    return addExample(bare, "producer-mirror key add phone");
  },

  async run({ config }, [text = ""], options) {
    const settings = config();
    const { home } = settings;
    requireArchive(settings);
    if (options.dryRun) {
      const name = planAddKey(home, text);
      return { document: { name }, lines: [`${home} · would make a key named ${name}`] };
    }
    const { name, key } = addKey(home, text, Date.now());
    const notes = [`${home} · this is the key of ${name}, and it is not shown again`];
    return { document: { name, key }, lines: [key], notes };
  },
};
