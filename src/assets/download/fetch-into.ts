import type { Agent } from "undici";
import type { AssetKind } from "../../lib/asset-kinds.ts";
import {
  foreignEncoding,
  judgeResponse,
  mergeFacts,
  readFacts,
  validatorOf,
  type ResponseFacts,
  type Resume,
} from "./response.ts";
import { requestFile, toAssetError, type AssetResponse } from "./request.ts";
import { AssetError } from "../asset-error.ts";
import { createByteCheck, type ByteCheck } from "./check-bytes.ts";
import { noSpaceError, type FreeBytes } from "../../lib/files/disk-errors.ts";
import { httpFailure } from "./http-failure.ts";
import { refusedPath } from "../store/names.ts";
import type { PartFile } from "./part-file.ts";
import { pump } from "./pump.ts";
import { cleanUpAfterFailure } from "./after-failure.ts";
import type { AssetStore } from "../store/store.ts";
import type { Throttle } from "./throttle.ts";
import type { Watchdog } from "./watchdog.ts";
import type { DownloadedFile, WantedFile } from "../wanted-file.ts";

export type DownloadContext = {
  store: AssetStore;
  agent: Agent;
  assetHosts: readonly string[];
  userAgent: string;
  caps: Readonly<Record<AssetKind, number>>;
  freeBytes: FreeBytes;
  throttle: Throttle;
  /** Hears of every piece that arrives. */
  onBytes: (count: number) => void;
  /** Where refused bytes were put aside. */
  refused: Set<string>;
};

/** An answer that brings bytes, and what it goes on from. */
type Source = { answer: AssetResponse; facts: ResponseFacts; resume: Resume | null; isComplete: boolean };

/** One download into `part`: ask, receive while checking, make durable, give the final name. See Downloader.download. */
export async function fetchInto(
  part: PartFile,
  want: WantedFile,
  watchdog: Watchdog,
  fetching: DownloadContext,
): Promise<DownloadedFile> {
  try {
    const source = await findSource(part, want, watchdog, fetching);
    const check = createByteCheck(want, source.facts, fetching.caps[want.kind]);
    await receive(part, source, check, watchdog, fetching);
    const good = check.finish(source.answer.statusCode);
    await part.seal();
    watchdog.signal.throwIfAborted();
    const { path, moved, differs: isOther } = await fetching.store.put({ ...want, ...good, partPath: part.path });
    await (moved ? part.dropNotes() : part.drop());
    await fetching.store.removePart(refusedPath(want.id, want.kind));
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
      httpStatus: source.answer.statusCode,
      ...(isOther && { differs: isOther }),
    };
  } catch (error) {
    throw await cleanUpAfterFailure(part, want, error, fetching);
  }
}

/** Asks for the rest of an earlier attempt where there is one, and from the start when that cannot be trusted. */
async function findSource(
  part: PartFile,
  want: WantedFile,
  watchdog: Watchdog,
  fetching: DownloadContext,
): Promise<Source> {
  const resume = await part.resumable();
  const first = await tryResume(want, resume, watchdog, fetching);
  if (first !== null) return first;
  const second = await tryResume(want, null, watchdog, fetching);
  if (second === null) throw new Error("an answer to a whole request cannot ask for a restart");
  return second;
}

/** Null when the answer does not fit the part. */
async function tryResume(
  want: WantedFile,
  resume: Resume | null,
  watchdog: Watchdog,
  fetching: DownloadContext,
): Promise<Source | null> {
  const validator = resume === null ? null : validatorOf(resume.facts);
  const range = resume === null || validator === null ? {} : { range: { from: resume.bytes, validator } };
  const answer = await requestFile(want.url, { ...fetching, ...range, signal: watchdog.signal });
  watchdog.saw(0);
  const { statusCode: status, headers } = answer;
  const judgement = judgeResponse(status, headers, resume);
  if (judgement === "error") throw await httpFailure(answer, hostOf(want.url));
  if (judgement === "restart") {
    answer.body.on("error", () => undefined).destroy();
    return null;
  }
  const encoding = foreignEncoding(headers);
  if (encoding !== null) {
    answer.body.on("error", () => undefined).destroy();
    const message = `${hostOf(want.url)} sent the file in an encoding that was not asked for (${encoding})`;
    throw new AssetError("encoding", message, { httpStatus: status });
  }
  const facts = readFacts(status, headers);
  if (judgement === "whole" || resume === null) return { answer, facts, resume: null, isComplete: false };
  return { answer, facts: mergeFacts(facts, resume.facts), resume, isComplete: judgement === "complete" };
}

/** Brings every byte past the check and into the part. The body is listened to from the first turn on; see pour. */
async function receive(
  part: PartFile,
  source: Source,
  check: ByteCheck,
  watchdog: Watchdog,
  fetching: DownloadContext,
): Promise<void> {
  const { answer, isComplete } = source;
  const ready = makeReady(part, source, check, watchdog, fetching);
  const take = (chunk: Buffer) => {
    check.update(chunk);
    fetching.onBytes(chunk.length);
    return both(part.append(chunk), fetching.throttle(chunk.length, watchdog.signal));
  };
  try {
    if (isComplete) await answer.body.dump({ limit: 65536 }).then(() => ready);
    else await pump(answer.body, ready, take, watchdog);
  } catch (error) {
    await ready.catch(() => undefined);
    if (watchdog.signal.aborted) throw watchdog.signal.reason;
    throw toAssetError(error, hostOf(check.url), "body");
  }
}

function both(one: Promise<void> | null, other: Promise<void> | null): Promise<void> | null {
  return one && other ? Promise.all([one, other]).then(() => undefined) : (one ?? other);
}

/** What must be so before the first new byte: a size we take, room for it, and the bytes of the earlier attempt checked. */
async function makeReady(
  part: PartFile,
  source: Source,
  check: ByteCheck,
  watchdog: Watchdog,
  fetching: DownloadContext,
): Promise<void> {
  const { facts, resume } = source;
  check.expect(facts.totalBytes);
  await requireSpace(facts.totalBytes, resume?.bytes ?? 0, fetching);
  if (resume === null) return part.begin(facts);
  await part.continueFrom(resume, facts, (piece) => check.update(piece), watchdog.signal);
}

async function requireSpace(total: number | null, present: number, fetching: DownloadContext): Promise<void> {
  if (total === null) return;
  const need = total - present;
  const have = await fetching.freeBytes(fetching.store.root);
  if (need > have) throw await noSpaceError(fetching.store.root, need, fetching.freeBytes);
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "the server";
}
