import { execa, type Options } from "execa";
import { UsageError } from "../lib/errors.ts";

/** `unknown`: the decoder could not run to its end. That is not damage. */
export type DecodeResult = { is: "playable" } | { is: "broken"; reason: string } | { is: "unknown"; reason: string };

/** Decodes a file, by its absolute path, from its first frame to its last. Throws the signal's reason. */
export type Decode = (path: string, bytes: number, signal: AbortSignal) => Promise<DecodeResult>;

/** The demuxer of each file extension. Detection by content is off: a file that is a playlist could open other files. */
const DEMUXERS: Record<string, string> = {
  m4a: "mov",
  mp4: "mov",
  mp3: "mp3",
  wav: "wav",
  jpg: "jpeg_pipe",
  png: "png_pipe",
  webp: "webp_pipe",
};
const IMAGES = /\.(jpg|png|webp)$/;

const MIN_TIMEOUT_MS = 60_000;
const TIMEOUT_MS_PER_MB = 4_000;
const MAX_OUTPUT_BYTES = 20_000;
/** What ffmpeg prints when the machine has a problem and not the file. */
const MACHINE_ERRORS =
  /Input\/output error|Permission denied|Cannot allocate memory|Too many open files|Decoder .* not found|Unknown (input format|decoder)|Protocol not found|No such file/i;

/**
 * The system's ffmpeg, found on `searchPath` (the format of PATH). It gets no other environment variable of ours. Types
 * that it cannot decode, such as zip, count as playable. Throws UsageError when ffmpeg is not installed.
 */
export async function openDecoder(searchPath: string | undefined, signal: AbortSignal): Promise<Decode> {
  const env = { PATH: searchPath ?? "", LC_ALL: "C" };
  const version = await runFfmpeg(["-version"], { env, timeout: 20_000, cancelSignal: signal });
  signal.throwIfAborted();
  if (version.exitCode !== 0)
    throw new UsageError("ffmpeg is not installed, but --decode needs it", {
      code: "no_ffmpeg",
      hint: "install it (`apt install ffmpeg`, `brew install ffmpeg`), or use --full, which needs no other program",
    });
  return (path, bytes, stop) => decode(path, bytes, env, stop);
}

async function decode(path: string, bytes: number, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<DecodeResult> {
  const format = DEMUXERS[/\.(\w+)$/.exec(path)?.[1] ?? ""];
  if (format === undefined) return { is: "playable" };
  const timeout = MIN_TIMEOUT_MS + Math.round((bytes / 1e6) * TIMEOUT_MS_PER_MB);
  const input = ["-protocol_whitelist", "file", "-f", format, "-i", path];
  const args = ["-v", "error", "-xerror", "-nostdin", ...input, "-f", "null", "-"];
  const { exitCode, stderr, timedOut, isMaxBuffer, shortMessage } = await runFfmpeg(args, {
    env,
    timeout,
    cancelSignal: signal,
  });
  signal.throwIfAborted();
  const complaint = firstComplaint(stderr, path);
  if (timedOut) return { is: "unknown", reason: `ffmpeg did not end within ${Math.round(timeout / 1000)} s` };
  if (MACHINE_ERRORS.test(stderr)) return { is: "unknown", reason: `ffmpeg could not decode it: ${complaint}` };
  if (isMaxBuffer) return { is: "broken", reason: complaint };
  if (exitCode === undefined)
    return { is: "unknown", reason: `ffmpeg ended early: ${shortMessage ?? "no reason given"}` };
  // ffmpeg decodes an image that is cut short to its end, and only prints a complaint.
  const isBroken = exitCode !== 0 || (IMAGES.test(path) && stderr.trim() !== "");
  return isBroken ? { is: "broken", reason: complaint || `ffmpeg ended with ${exitCode}` } : { is: "playable" };
}

type FfmpegExit = { exitCode?: number; stderr: string; timedOut: boolean; isMaxBuffer: boolean; shortMessage?: string };

async function runFfmpeg(args: string[], options: Options): Promise<FfmpegExit> {
  const fixed = {
    extendEnv: false,
    reject: false,
    stdin: "ignore",
    stdout: "ignore",
    forceKillAfterDelay: 2000,
  } as const;
  return (await execa("ffmpeg", args, { ...options, ...fixed, maxBuffer: MAX_OUTPUT_BYTES })) as unknown as FfmpegExit;
}

/** The first line that ffmpeg printed, without our path and without memory addresses. */
function firstComplaint(stderr: string, path: string): string {
  const [line = ""] = stderr.trim().split("\n");
  return line
    .replaceAll(path, "it")
    .replace(/ @ 0x[0-9a-f]+\]/g, "]")
    .slice(0, 200);
}
