import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context } from "hono";
import { findFile, type KnownFile } from "../../../query/files/find-file.ts";
import type { Env } from "../../env.ts";
import type { SendFile } from "../../media/send-file.ts";
import type { Thumbnails } from "../../media/thumbnails/thumbnails.ts";
import type { ServerContext } from "../../server-context.ts";
import { required, wholeNumber, type Parameters } from "../parameters.ts";
import { RestError } from "../rest-error.ts";
import { tile } from "./tile.ts";
import { readTranscoding, transcoder } from "./transcode.ts";

type FileEndpoint = (hono: Context<Env>, parameters: Parameters) => Promise<Response>;

/** A clip that came with an id of its own is known by it; others are looked up. */
const CLIP_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The endpoints that answer with a file, by name. They throw RestError, and as openStored does. */
export function fileEndpoints(
  context: ServerContext,
  sendFile: SendFile,
  thumbnails: Thumbnails,
): Record<string, FileEndpoint> {
  const transcode = transcoder(context, sendFile.digests);
  const songFile = async (parameters: Parameters) => {
    const file = await fileOf(context, "restSong", required(parameters, "id"), "audio");
    if (!file) throw new RestError("notFound", "there is no song with this id");
    return file;
  };
  return Object.assign(Object.create(null) as Record<string, FileEndpoint>, {
    stream: async (hono, parameters) => {
      const file = await songFile(parameters);
      const wanted = readTranscoding(parameters, file);
      if (wanted && (await transcode(hono.env, file, wanted))) return RESPONSE_ALREADY_SENT;
      await sendFile(hono.env, file, { isDownload: false });
      return RESPONSE_ALREADY_SENT;
    },
    download: async (hono, parameters) => {
      await sendFile(hono.env, await songFile(parameters), { isDownload: true });
      return RESPONSE_ALREADY_SENT;
    },
    getCoverArt: async (hono, parameters) => {
      const id = required(parameters, "id");
      const file = await fileOf(context, "restPicture", id, "image");
      const size = wholeNumber(parameters, "size", 0);
      if (file) {
        const thumbnail = size > 0 ? await thumbnails(hono.req.raw, file, size) : undefined;
        if (thumbnail) return thumbnail;
        await sendFile(hono.env, file, { isDownload: false });
        return RESPONSE_ALREADY_SENT;
      }
      // Players show what they get, so a failure in words would be a broken picture.
      return hono.body(tile(id), 200, { "Content-Type": "image/png", "Cache-Control": "private, max-age=3600" });
    },
  } satisfies Record<string, FileEndpoint>);
}

async function fileOf(
  { archive, workers }: ServerContext,
  question: "restSong" | "restPicture",
  id: string,
  kind: string,
): Promise<KnownFile | undefined> {
  const direct = CLIP_ID.test(id) ? findFile((await archive.current()).db, id, kind) : undefined;
  if (direct) return direct;
  const clipId = JSON.parse(await workers.ask(question, { id })) as string | null;
  return clipId === null ? undefined : findFile((await archive.current()).db, clipId, kind);
}
