import { completable, type GetPromptResult, type McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";
import { openForReading, type Reader } from "../app/archive.ts";
import { readFilter } from "../query/filter/read-filter.ts";
import { pageOfClips } from "../query/lists/clips.ts";
import { statistics } from "../query/stats/statistics.ts";
import { MOST_ROWS } from "./answer/page.ts";
import { asProtocolError } from "./answer/protocol-error.ts";
import { DATA_NOTE, plainTexts } from "./answer/texts.ts";
import type { McpContext } from "./mcp-context.ts";
import { completeSongs } from "./resources.ts";
import { readSong, songUri } from "./song.ts";
import { groupsOf } from "./tools/library-statistics.ts";
import { toRow } from "./tools/search-songs.ts";

type Message = GetPromptResult["messages"][number];

/** Models and actions that are named. */
const NAMED = 5;

/** What people ask again and again. */
export function addPrompts(server: McpServer, context: McpContext): void {
  const song = (which: string) => completable(z.string().describe(which), (start) => completeSongs(context, start));
  server.registerPrompt(
    "compare_takes",
    {
      title: "Compare two takes",
      description: "What differs between two songs: words, prompt, settings, length, and which came of which.",
      argsSchema: z.object({ first: song("a song's id"), second: song("the other song's id") }),
    },
    ({ first, second }) => ask(context, (reader) => [say(COMPARE), embed(reader, first), embed(reader, second)]),
  );
  server.registerPrompt(
    "month_in_music",
    {
      title: "My month in music",
      description: "A look back at the songs of one month.",
      argsSchema: z.object({ month: z.string().optional().describe("such as 2026-11; default: the current one, UTC") }),
    },
    ({ month = new Date().toISOString().slice(0, 7) }) => ask(context, (reader) => monthMessages(reader, month)),
  );
}

const COMPARE = `Compare these two takes for the person who made them. Say what differs in lyric, prompt, style, model, seed and length, what stayed, and whether one came of the other. ${DATA_NOTE}`;
const MONTH = `Tell the person about their month in music: how much they made, with which models and actions, what is unusual, and three songs to hear again, by title. get_song has more of each. ${DATA_NOTE}`;

async function ask({ config }: McpContext, messages: (reader: Reader) => Message[]): Promise<GetPromptResult> {
  try {
    using reader = await openForReading(config);
    return { messages: messages(reader) };
  } catch (error) {
    throw asProtocolError(error);
  }
}

function say(text: string): Message {
  return { role: "user", content: { type: "text", text } };
}

function embed(reader: Reader, id: string): Message {
  const song = readSong(reader, id);
  const resource = { uri: songUri(song.id), mimeType: "application/json", text: JSON.stringify(song) };
  return { role: "user", content: { type: "resource", resource } };
}

function monthMessages({ db, assetsRoot }: Reader, month: string): Message[] {
  const filter = readFilter({ since: month, until: month }, () => "month");
  const all = statistics(db, { filter, timezone: "UTC" });
  const page = pageOfClips(db, { ...filter, limit: MOST_ROWS }, assetsRoot);
  const data = {
    month: plainTexts(month),
    totals: all.totals,
    models: plainTexts(groupsOf(all, "model").slice(0, NAMED)),
    actions: plainTexts(groupsOf(all, "action").slice(0, NAMED)),
    newest: [...page.rows].map(toRow),
    moreSongs: page.next !== null,
  };
  return [say(MONTH), say(JSON.stringify(data))];
}
