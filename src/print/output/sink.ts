import type { Writable } from "node:stream";
import { DiskError, MirrorError } from "../../lib/errors.ts";
import { toStorageError } from "../../lib/files/storage-errors.ts";

export type Stream = Writable & { isTTY?: boolean; columns?: number };

/** A stream with backpressure, whose end is noticed. */
export type Sink = {
  /** Resolves when the stream has taken the text, or at once when nobody reads any more; rejects with DiskError. */
  write(text: string): Promise<void>;
  /** Aborts when the reader is gone (`| head`). */
  readonly gone: AbortSignal;
  /** Why no further write can succeed, such as a full disk. */
  readonly failure: MirrorError | undefined;
};

/** A reader that leaves (EPIPE) is no failure; every other error is one. */
export function createSink(stream: Stream, name: string): Sink {
  const gone = new AbortController();
  let failure: MirrorError | undefined;
  const note = (error: Error & { code?: string }) => {
    if (["EPIPE", "ERR_STREAM_DESTROYED", "ERR_STREAM_WRITE_AFTER_END"].includes(error.code ?? "")) gone.abort();
    else failure ??= asDiskError(error, name);
  };
  stream.on("error", note);
  return {
    gone: gone.signal,
    get failure() {
      return failure;
    },
    async write(text) {
      if (failure) throw failure;
      if (gone.signal.aborted) return;
      await writeTo(stream, text, note);
      if (failure) throw failure as MirrorError;
    },
  };
}

function writeTo(stream: Stream, text: string, note: (error: Error) => void): Promise<void> {
  return new Promise((resolve) => {
    stream.write(text, (error) => {
      if (error) note(error);
      resolve();
    });
  });
}

function asDiskError(error: Error, name: string): MirrorError {
  const known = toStorageError(error, name);
  if (known instanceof MirrorError) return known;
  return new DiskError(`cannot write to ${name}: ${error.message}`, { cause: error });
}
