import { openForReading } from "../../../app/archive.ts";
import { changeArchive } from "../../../app/write-archive.ts";
import { createPlaylist, planNewPlaylist } from "../../../archive/marks/playlists.ts";
import { countOf } from "../../../print/output/numbers.ts";
import type { CliCommand } from "../../command.ts";
import { addExample, addExitCodes } from "../../options/help.ts";
import { clipsNamed } from "./clips-named.ts";

type Options = { comment?: string; json?: boolean; dryRun?: boolean };

/** Makes a playlist, empty or of these songs in this order. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.argument("<name>", "no two playlists have the same, upper and lower case apart");
    bare.argument(
      "[ids...]",
      "its songs, in order; one may come twice; a task is all of its clips; - reads ids from standard input",
    );
    bare.option("--comment <text>", "what you say of it");
    bare.option("-n, --dry-run", "check it, and make nothing");
    bare.option("--json", "the playlist as one JSON document");
    addExitCodes(bare, [0, 2, 4, 7, 8, 9], { 2: "a name that is taken; an id that is unknown or ambiguous" });
    return addExample(bare, 'producer-mirror playlist create "Late night" 1dd08826 1a6ac2ad');
  },

  async run({ config: settings }, [name = "", ...ids], { comment = "", dryRun = false }) {
    const config = settings();
    const named = await clipsNamed(ids);
    if (dryRun) {
      using archive = await openForReading(config);
      const clipIds = named(archive.db);
      planNewPlaylist(archive.db, { name, comment, clipIds });
      return {
        document: { name, songs: clipIds.length },
        lines: [`${config.home} · would make "${name}" with ${countOf(clipIds.length, "song")}`],
      };
    }
    const made = changeArchive(config, (archive) => {
      const clipIds = named(archive.db);
      return { id: createPlaylist(archive, { name, comment, clipIds }, Date.now()), songs: clipIds.length };
    });
    return {
      document: { id: made.id, name, songs: made.songs },
      lines: [`${config.home} · made "${name}" with ${countOf(made.songs, "song")}`],
    };
  },
};
