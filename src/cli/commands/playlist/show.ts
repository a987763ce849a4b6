import { openForReading } from "../../../app/archive.ts";
import { countText, playingTime } from "../../../print/output/numbers.ts";
import type { Listing } from "../../../print/output/rows.ts";
import { clipListing } from "../../../print/views/clip-table.ts";
import { printList } from "../../../print/views/print-list.ts";
import { findPlaylist } from "../../../query/playlists/find-playlist.ts";
import {
  listPlaylists,
  showPlaylist,
  type PlaylistClip,
  type PlaylistListing,
} from "../../../query/playlists/playlists.ts";
import { shortId } from "../../../query/short-id.ts";
import type { CliCommand } from "../../command.ts";
import { addExample, addExitCodes } from "../../options/help.ts";
import { addFormatOptions, readFormat, type FormatOptions } from "../../options/list-options.ts";

/** Every playlist. */
export const list: CliCommand<FormatOptions> = {
  define(bare) {
    addExitCodes(addFormatOptions(bare), [0, 2, 4, 7, 9]);
    return addExample(bare, "producer-mirror playlist list");
  },

  async run({ config, output }, _args, options) {
    const format = readFormat(options);
    using archive = await openForReading(config());
    const rows = listPlaylists(archive.db);
    await printList({
      output,
      format,
      home: archive.home,
      rows,
      listing: PLAYLISTS,
      filter: {},
      total: () => rows.length,
    });
  },
};

const PLAYLISTS: Listing<PlaylistListing> = {
  fields: ["id", "name", "comment", "songs", "durationSeconds", "createdAt", "changedAt"],
  columns: [
    { title: "name", text: ({ name }) => name, overflow: "shrink" },
    { title: "songs", text: ({ songs }) => countText(songs), align: "right" },
    { title: "length", text: ({ durationSeconds }) => playingTime(durationSeconds), align: "right" },
    { title: "comment", text: ({ comment }) => comment, overflow: "shrink", ifAny: true },
  ],
};

/** One playlist with its songs in order; positions count from 1, as `add`, `remove` and `move` take them. */
export const show: CliCommand<FormatOptions> = {
  define(bare) {
    bare.argument("<playlist>", "its name, upper and lower case apart, or its id");
    addExitCodes(addFormatOptions(bare), [0, 2, 4, 7, 9], { 2: "a playlist that is not there" });
    return addExample(bare, "producer-mirror playlist show Night");
  },

  async run({ config, output }, [name = ""], options) {
    const format = readFormat(options);
    using archive = await openForReading(config());
    const playlist = showPlaylist(archive.db, findPlaylist(archive.db, name), archive.assetsRoot);
    if (format === "json") return { document: playlist };
    const { fields, columns } = clipListing((id) => shortId(archive.db, id));
    const listing: Listing<PlaylistClip> = {
      fields: ["position", "addedAt", ...fields],
      columns: [{ title: "#", text: ({ position }) => String(position + 1), align: "right" }, ...columns],
    };
    const { clips } = playlist;
    const print = { output, format, home: archive.home, listing, filter: {}, total: () => clips.length };
    await printList({ ...print, rows: clips });
    return undefined;
  },
};
