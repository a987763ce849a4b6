import { execa, type Options } from "execa";
import { UsageError } from "../lib/errors.ts";

/** `unknown`: the decoder did not get to say; that is no damage. */
export type Decoded = { is: "right" } | { is: "broken"; reason: string } | { is: "unknown"; reason: string };

/** Decodes a file, by its absolute path, from its first frame to its last. Throws the signal's reason. */
export type Decode = (place: string, bytes: number, signal: AbortSignal) => Promise<Decoded>;

/** The demuxer of each ending: what the bytes say of themselves (a playlist, for one) is never asked. */
const FORMATS: Record<string, string> = {
  m4a: "mov",
  mp4: "mov",
  mp3: "mp3",
  wav: "wav",
  jpg: "jpeg_pipe",
  png: "png_pipe",
  webp: "webp_pipe",
};
const IMAGES = /\.(jpg|png|webp)$/;

const LEAST_MS = 60_000;
const MS_PER_MB = 4_000;
const NOISE = 20_000;
/** Words of ffmpeg for what is the machine's trouble and not the file's. */
const NOT_THE_FILE =
  /Input\/output error|Permission denied|Cannot allocate memory|Too many open files|Decoder .* not found|Unknown (input format|decoder)|Protocol not found|No such file/i;

/**
 * The system's ffmpeg, looked for on this PATH; nothing else of our environment reaches it. Throws UsageError when it is
 * absent. A zip is passed over: its bytes are proven by their digest alone.
 */
export async function openDecoder(path: string | undefined, signal: AbortSignal): Promise<Decode> {
  const env = { PATH: path ?? "", LC_ALL: "C" };
  const asked = await run(["-version"], { env, timeout: 20_000, cancelSignal: signal });
  signal.throwIfAborted();
  if (asked.exitCode !== 0)
    throw new UsageError("ffmpeg is not installed, and --decode needs it", {
      code: "no_ffmpeg",
      hint: "install it (`apt install ffmpeg`, `brew install ffmpeg`) so that it is on the PATH; --full needs no other program",
    });
  return (place, bytes, stop) => decode(place, bytes, env, stop);
}

async function decode(place: string, bytes: number, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Decoded> {
  const format = FORMATS[/\.(\w+)$/.exec(place)?.[1] ?? ""];
  if (format === undefined) return { is: "right" };
  const timeout = LEAST_MS + Math.round((bytes / 1e6) * MS_PER_MB);
  const input = ["-protocol_whitelist", "file", "-f", format, "-i", place];
  const args = ["-v", "error", "-xerror", "-nostdin", ...input, "-f", "null", "-"];
  const { exitCode, stderr, timedOut, isMaxBuffer, shortMessage } = await run(args, {
    env,
    timeout,
    cancelSignal: signal,
  });
  signal.throwIfAborted();
  const said = lastWords(stderr, place);
  if (timedOut) return { is: "unknown", reason: `ffmpeg did not end within ${Math.round(timeout / 1000)} s` };
  if (NOT_THE_FILE.test(stderr)) return { is: "unknown", reason: `ffmpeg could not decode it: ${said}` };
  if (isMaxBuffer) return { is: "broken", reason: said };
  if (exitCode === undefined)
    return { is: "unknown", reason: `ffmpeg ended early: ${shortMessage ?? "no reason given"}` };
  // A picture that is cut short is decoded to the end with a word about it.
  const isBroken = exitCode !== 0 || (IMAGES.test(place) && stderr.trim() !== "");
  return isBroken ? { is: "broken", reason: said || `ffmpeg ended with ${exitCode}` } : { is: "right" };
}

type Ran = { exitCode?: number; stderr: string; timedOut: boolean; isMaxBuffer: boolean; shortMessage?: string };

async function run(args: string[], options: Options): Promise<Ran> {
  const fixed = {
    extendEnv: false,
    reject: false,
    stdin: "ignore",
    stdout: "ignore",
    forceKillAfterDelay: 2000,
  } as const;
  return (await execa("ffmpeg", args, { ...options, ...fixed, maxBuffer: NOISE })) as unknown as Ran;
}

/** The first complaint, without our path and the addresses of ffmpeg's own parts. */
function lastWords(stderr: string, place: string): string {
  const [line = ""] = stderr.trim().split("\n");
  return line
    .replaceAll(place, "it")
    .replace(/ @ 0x[0-9a-f]+\]/g, "]")
    .slice(0, 200);
}
