import type { Command } from "commander";
import { openForReading } from "../../../app/archive.ts";
import { changeArchive, type Writer } from "../../../app/write-archive.ts";
import { editPlaylist, planPlaylist, type PlaylistEdit } from "../../../archive/marks/playlists.ts";
import type { Config } from "../../../config.ts";
import { UsageError } from "../../../lib/errors.ts";
import { findPlaylist } from "../../../query/playlists/find-playlist.ts";
import { clipAt, showPlaylist } from "../../../query/playlists/playlists.ts";
import type { CliCommand, Outcome } from "../../command.ts";
import { addExample, addExitCodes } from "../../options/help.ts";
import { clipsNamed } from "./clips-named.ts";

type Options = { json?: boolean; dryRun?: boolean };

/** Adds songs. */
export const add: CliCommand<Options & { at?: string }> = {
  define(bare) {
    bare.argument("<playlist>", PLAYLIST);
    bare.argument(
      "<ids...>",
      "the songs, in order; one may come twice; a task is all of its clips; - reads ids from standard input",
    );
    bare.option("--at <position>", "before the song that is there now, from 1 (default: at the end)");
    return addEditOptions(bare, "producer-mirror playlist add Night 1dd08826 --at 1");
  },
  async run({ config }, [name = "", ...ids], { at, ...options }) {
    const named = await clipsNamed(ids);
    const position = at === undefined ? null : readPosition(at, "--at");
    return edit(config(), name, options, ({ db }) => ({ do: "add", clipIds: named(db), position }));
  },
};

/** Takes songs off. */
export const remove: CliCommand<Options> = {
  define(bare) {
    bare.argument("<playlist>", PLAYLIST);
    bare.argument("<positions...>", "from 1, as `playlist show` prints them");
    return addEditOptions(bare, "producer-mirror playlist remove Night 3");
  },
  async run({ config }, [name = "", ...positions], options) {
    const wanted = [...new Set(positions.map((text) => readPosition(text, "the position")))];
    return edit(config(), name, options, (archive, id) => ({
      do: "remove",
      entries: wanted.map((one) => seen(archive, id, one)),
    }));
  },
};

/** Moves a song. */
export const move: CliCommand<Options> = {
  define(bare) {
    bare.argument("<playlist>", PLAYLIST);
    bare.argument("<from>", "its position, from 1, as `playlist show` prints it");
    bare.argument("<to>", "the position that it has then");
    return addEditOptions(bare, "producer-mirror playlist move Night 5 1");
  },
  async run({ config }, [name = "", from = "", to = ""], options) {
    const [position, target] = [readPosition(from, "the position"), readPosition(to, "the new position")];
    return edit(config(), name, options, (archive, id) => ({
      do: "move",
      entry: seen(archive, id, position),
      to: target,
    }));
  },
};

/** Gives another name or comment. */
export const rename: CliCommand<Options & { comment?: string }> = {
  define(bare) {
    bare.argument("<playlist>", PLAYLIST);
    bare.argument("[name]", "the new name");
    bare.option("--comment <text>", "what you say of it; empty for nothing");
    return addEditOptions(bare, 'producer-mirror playlist rename Night "Late night"');
  },
  async run({ config }, [playlist = "", name], { comment, ...options }) {
    if (name === undefined && comment === undefined) throw new UsageError("name the new name, or --comment");
    const texts = { ...(name !== undefined && { name }), ...(comment !== undefined && { comment }) };
    return edit(config(), playlist, options, () => ({ do: "describe", ...texts }));
  },
};

/** Removes a playlist. */
export const rm: CliCommand<Options> = {
  define(bare) {
    bare.argument("<playlist>", PLAYLIST);
    return addEditOptions(bare, "producer-mirror playlist rm Night");
  },
  run: ({ config }, [name = ""], options) => edit(config(), name, options, () => ({ do: "delete" })),
};

const PLAYLIST = "its name, upper and lower case apart, or its id";

function addEditOptions(bare: Command, example: string): Command {
  bare.option("-n, --dry-run", "say whether anything would change, and change nothing");
  bare.option("--json", "the playlist as it is then, as one JSON document");
  addExitCodes(bare, [0, 2, 4, 7, 8, 9], { 2: "a playlist, position or song that is not there; a name that is taken" });
  return addExample(bare, example);
}

type MakeEdit = (archive: Pick<Writer, "db">, id: string) => PlaylistEdit;

async function edit(config: Config, name: string, { dryRun = false }: Options, makeEdit: MakeEdit): Promise<Outcome> {
  const { changed, after, edit: made } = dryRun ? await plan(config, name, makeEdit) : apply(config, name, makeEdit);
  const what = made.do === "delete" ? "removed" : "changed";
  const sentence = changed ? `${dryRun ? "would be " : ""}${what}` : "is so already";
  const { clips: _clips, ...playlist } = after;
  return {
    document: { changed, ...playlist },
    lines: [
      `${config.home} · "${playlist.name}" ${sentence}${made.do === "delete" ? "" : `; songs: ${playlist.songs}`}`,
    ],
  };
}

function apply(config: Config, name: string, makeEdit: MakeEdit) {
  return changeArchive(config, (archive) => {
    const id = findPlaylist(archive.db, name);
    const before = showPlaylist(archive.db, id, "");
    const made = makeEdit(archive, id);
    const changed = editPlaylist(archive, id, [made], Date.now());
    return { changed, edit: made, after: made.do === "delete" ? before : showPlaylist(archive.db, id, "") };
  });
}

/** What is printed of it is as it is now. */
async function plan(config: Config, name: string, makeEdit: MakeEdit) {
  using archive = await openForReading(config);
  const id = findPlaylist(archive.db, name);
  const made = makeEdit(archive, id);
  return {
    changed: planPlaylist(archive.db, id, [made], Date.now()),
    edit: made,
    after: showPlaylist(archive.db, id, ""),
  };
}

/** The song at a position. Throws UsageError where there is none. */
function seen({ db }: Pick<Writer, "db">, id: string, position: number): { position: number; clipId: string } {
  const clip = clipAt(db, id, position);
  if (clip !== undefined) return { position, clipId: clip };
  throw new UsageError(`there is no song at position ${position + 1}`, {
    hint: "`producer-mirror playlist show` prints the positions",
  });
}

/** From 1 in words, from 0 inside. */
function readPosition(text: string, name: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text) - 1;
  throw new UsageError(`${name} is "${text}"; it takes a whole number from 1`);
}
