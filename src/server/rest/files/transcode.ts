import { once } from "node:events";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { execa } from "execa";
import type { KnownFile } from "../../../query/files/find-file.ts";
import type { Env } from "../../env.ts";
import type { Digests } from "../../media/digests.ts";
import { openStored } from "../../media/open-stored.ts";
import type { ServerContext } from "../../server-context.ts";
import { optional, wholeNumber, type Parameters } from "../parameters.ts";

/** What a song becomes on its way to a player. */
export type Transcoding = { format: "mp3" | "opus"; kilobits: number; startSeconds: number };

/** Songs that are transcoded at once; further ones are sent as they are. */
const MOST_AT_ONCE = 4;
const FORMATS = {
  mp3: { type: "audio/mpeg", kilobits: 192, most: 320, codec: ["-c:a", "libmp3lame", "-f", "mp3"] },
  opus: { type: "audio/ogg", kilobits: 128, most: 256, codec: ["-c:a", "libopus", "-ar", "48000", "-f", "ogg"] },
};
const LEAST_KILOBITS = 32;

/**
 * What a request for a stream asks the song to become; undefined when it is to be sent as it is: for `format=raw`, for a
 * format that we do not make, and for a `maxBitRate` that the song does not exceed.
 */
export function readTranscoding(parameters: Parameters, file: KnownFile): Transcoding | undefined {
  const { path, bytes, durationSeconds: seconds } = file;
  const asked = optional(parameters, "format")?.toLowerCase() ?? "";
  const maxKilobits = wholeNumber(parameters, "maxBitRate", 0);
  const startSeconds = wholeNumber(parameters, "timeOffset", 0);
  const suffix = /\.([a-z0-9]+)$/.exec(path)?.[1] ?? "";
  if (asked !== "" && asked !== "mp3" && asked !== "opus") return undefined;
  const own = seconds === null || seconds <= 0 ? Number.POSITIVE_INFINITY : (bytes * 8) / seconds / 1000;
  const isSmall = maxKilobits === 0 || own <= maxKilobits;
  if (isSmall && (asked === "" || asked === suffix)) return undefined;
  const format = asked === "opus" ? "opus" : "mp3";
  const { kilobits, most } = FORMATS[format];
  const limit = maxKilobits === 0 ? kilobits : Math.max(LEAST_KILOBITS, Math.min(maxKilobits, most));
  return { format, kilobits: limit, startSeconds };
}

/**
 * Sends songs through ffmpeg. False, with nothing sent, when that cannot be: no ffmpeg on the PATH, enough of them at work,
 * or a song that it does not understand. It ends with the connection. Throws as openStored does.
 */
export function transcoder(context: ServerContext, digests: Digests) {
  let atWork = 0;
  return async (http: Env["Bindings"], file: KnownFile, wanted: Transcoding): Promise<boolean> => {
    await (await openStored(context, digests, file)).close();
    if (atWork >= MOST_AT_ONCE) return false;
    atWork++;
    const stop = new AbortController();
    http.outgoing.once("close", () => stop.abort());
    const work = startFfmpeg(join(context.config.assets, ...file.path.split("/")), wanted, stop.signal);
    void work.finally(() => atWork--);
    await Promise.race([work, once(work.stdout, "readable")]);
    if (work.stdout.readableLength === 0) return false;
    http.outgoing.writeHead(200, {
      "Content-Type": FORMATS[wanted.format].type,
      "Accept-Ranges": "none",
      "Cache-Control": "no-store",
    });
    void send(http, work);
    return true;
  };
}

/** A song that breaks off must not look like one that ended. */
async function send({ incoming, outgoing }: Env["Bindings"], work: ReturnType<typeof startFfmpeg>): Promise<void> {
  try {
    if (incoming.method === "HEAD") return void outgoing.end();
    await pipeline(work.stdout, outgoing, { end: false });
    if ((await work).failed) outgoing.destroy();
    else outgoing.end();
  } catch {
    outgoing.destroy();
  }
}

function startFfmpeg(path: string, { format, kilobits, startSeconds }: Transcoding, cancelSignal: AbortSignal) {
  const from = startSeconds > 0 ? ["-ss", String(startSeconds)] : [];
  // No metadata: it may hold ids.
  const input = ["-nostdin", "-v", "error", ...from, "-i", `file:${path}`, "-map", "0:a:0", "-map_metadata", "-1"];
  const output = [...FORMATS[format].codec, "-b:a", `${kilobits}k`, "pipe:1"];
  return execa("ffmpeg", [...input, ...output], {
    cancelSignal,
    forceKillAfterDelay: 1000,
    buffer: false,
    encoding: "buffer",
    reject: false,
    stdin: "ignore",
    stderr: "ignore",
  });
}
