import { bytesOf } from "./conclude.ts";
import { mergeFacts, readFacts, validatorOf, type ResponseFacts, type Resume } from "./response.ts";
import { requestFile, toAssetError, type AssetResponse } from "./request.ts";
import { AssetError } from "../asset-error.ts";
import { createByteCheck, type ByteCheck } from "./check-bytes.ts";
import type { DownloadContext } from "./download-context.ts";
import { noSpaceError } from "../../lib/files/disk-errors.ts";
import { httpFailure } from "./http-failure.ts";
import { quarantinePath } from "../store/names.ts";
import type { PartFile } from "./part-file.ts";
import { pump } from "./pump.ts";
import { cleanUpAfterFailure } from "./after-failure.ts";
import type { Watchdog } from "./watchdog.ts";
import type { DownloadedFile, WantedFile } from "../wanted-file.ts";

/** A response with bytes, and the earlier attempt that it continues. */
type Source = { response: AssetResponse; facts: ResponseFacts; resume: Resume | null; isComplete: boolean };

/** One download into `part`: request, receive and check, make durable, give the final name. See Downloader.download. */
export async function fetchInto(
  part: PartFile,
  wanted: WantedFile,
  watchdog: Watchdog,
  context: DownloadContext,
): Promise<DownloadedFile> {
  try {
    const source = await findSource(part, wanted, watchdog, context);
    const check = createByteCheck(wanted, source.facts, context.caps[wanted.kind]);
    await receive(part, source, check, watchdog, context);
    const good = check.finish(source.response.statusCode);
    await part.seal();
    watchdog.signal.throwIfAborted();
    const { path, moved, differs } = await context.store.put({ ...wanted, ...good, partPath: part.path });
    await (moved ? part.dropNotes() : part.drop());
    await context.store.removePart(quarantinePath(wanted.id, wanted.kind));
    const { bytes, sha256, durationSeconds, proof, note } = good;
    const { contentType, etag, lastModified } = source.facts;
    return {
      path,
      bytes,
      sha256,
      contentType,
      etag,
      lastModified,
      durationSeconds,
      proof,
      note,
      httpStatus: source.response.statusCode,
      ...(differs && { differs }),
    };
  } catch (error) {
    throw await cleanUpAfterFailure(part, wanted, error, context);
  }
}

/** Requests the rest of an earlier attempt where there is one, and the whole file when that attempt cannot be trusted. */
async function findSource(
  part: PartFile,
  wanted: WantedFile,
  watchdog: Watchdog,
  context: DownloadContext,
): Promise<Source> {
  const resume = await part.resumable();
  const first = await request(wanted, resume, watchdog, context).catch(async (error: unknown) => {
    if (resume !== null && mayBeOfRange(error)) await part.noteFailedResume();
    throw error;
  });
  if (first !== null) return first;
  const second = await request(wanted, null, watchdog, context);
  if (second === null) throw new Error("a response to a whole request cannot ask for a restart");
  return second;
}

/** Whether a request failed in a way that a server may have for each request for a part. */
function mayBeOfRange(error: unknown): boolean {
  if (!(error instanceof AssetError) || error.followUp !== "retry") return false;
  return error.code === "timeout" || !error.isUnreachable;
}

/** Requests the file, or the rest of it. Returns null when the response to a request for the rest does not bring that. */
async function request(
  wanted: WantedFile,
  resume: Resume | null,
  watchdog: Watchdog,
  context: DownloadContext,
): Promise<Source | null> {
  const validator = resume === null ? null : validatorOf(resume.facts);
  const range = resume === null || validator === null ? {} : { range: { from: resume.bytes, validator } };
  const response = await requestFile(wanted.url, { ...context, ...range, signal: watchdog.signal });
  watchdog.sawBytes(0);
  const { statusCode: status, headers } = response;
  const bytes = bytesOf(status, headers, resume);
  if (bytes === "refused") {
    const failure = await httpFailure(response, hostOf(wanted.url), resume === null ? "whole" : "part");
    if (failure !== null) throw failure;
    return null;
  }
  const facts = readFacts(status, headers);
  if (bytes === "whole" || resume === null) return { response, facts, resume: null, isComplete: false };
  return { response, facts: mergeFacts(facts, resume.facts), resume, isComplete: bytes === "none left" };
}

/** Checks every byte and appends it to the part. Listens to the body from the first turn on; see `pump`. */
async function receive(
  part: PartFile,
  source: Source,
  check: ByteCheck,
  watchdog: Watchdog,
  context: DownloadContext,
): Promise<void> {
  const { response, isComplete } = source;
  const ready = prepare(part, source, check, watchdog, context);
  const take = (chunk: Buffer) => {
    check.update(chunk);
    context.onBytes(chunk.length);
    return both(part.append(chunk), context.throttle(chunk.length, watchdog.signal));
  };
  try {
    if (isComplete) await response.body.dump({ limit: 65536 }).then(() => ready);
    else await pump(response.body, ready, take, watchdog);
  } catch (error) {
    await ready.catch(() => undefined);
    if (watchdog.signal.aborted) throw watchdog.signal.reason;
    throw toAssetError(error, hostOf(check.url), "body");
  }
}

function both(one: Promise<void> | null, other: Promise<void> | null): Promise<void> | null {
  return one && other ? Promise.all([one, other]).then(() => undefined) : (one ?? other);
}

/** Before the first new byte: checks the size and the free space, and reads the bytes of the earlier attempt. */
async function prepare(
  part: PartFile,
  source: Source,
  check: ByteCheck,
  watchdog: Watchdog,
  context: DownloadContext,
): Promise<void> {
  const { facts, resume } = source;
  check.expect(facts.totalBytes);
  await requireSpace(facts.totalBytes, resume?.bytes ?? 0, context);
  if (resume === null) return part.begin(facts);
  await part.continueFrom(resume, facts, (chunk) => check.update(chunk), watchdog.signal);
}

async function requireSpace(total: number | null, present: number, context: DownloadContext): Promise<void> {
  if (total === null) return;
  const need = total - present;
  // A disk that does not say it, or has gone, is found by the write.
  const have = await context.freeBytes(context.store.root).catch(() => Infinity);
  if (need > have) throw await noSpaceError(context.store.root, need, context.freeBytes);
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "the server";
}
