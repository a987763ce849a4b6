import { constants } from "node:fs";
import { lstat, open, rename, rm, unlink, type FileHandle } from "node:fs/promises";
import { validatorOf, type ResponseFacts, type Resume } from "./response.ts";
import { setMode } from "../../lib/files/disk-limits.ts";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { readNotes, writeNotes, type PartNotes } from "./part-notes.ts";
import { readChunks } from "../../lib/files/read.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR, O_WRONLY } = constants;
/** One write of this much costs less than many; two of them are held per download at most. */
const BATCH_BYTES = 1024 * 1024;
const BATCH_CHUNKS = 512;
/** After so many bytes of a large file they are flushed, so that a later attempt may go on from there. */
const FLUSH_BYTES = 16 * 1024 * 1024;
/** A server that answers no request for a part, but one for the whole file, is asked for that from then on. */
const MOST_FAILED_RESUMES = 3;

/**
 * The file that a download is written to, with a `.json` beside it that holds the version and URL of the whole file and
 * how many bytes of it are flushed: no others are ever resumed. A file that fits into one batch is written only when it is
 * complete or its download fails. Errors are DiskErrors.
 */
export class PartFile {
  readonly path: string;
  readonly #notesPath: string;
  readonly #url: string;
  #facts: ResponseFacts | null = null;
  #file: FileHandle | null = null;
  #written = 0;
  #flushed = 0;
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** The end of the queue of writes, which run one after another, and its length. */
  #tail: Promise<void> = Promise.resolve();
  #queued = 0;
  #failure: Error | null = null;
  #hasNotes = false;
  #notes: PartNotes | null = null;

  /** `path`: absolute, in an existing folder. `url`: the URL of the record, before redirects. */
  constructor(path: string, url: string) {
    this.path = path;
    this.#notesPath = `${path}.json`;
    this.#url = url;
  }

  /** What an earlier attempt at the same URL left and can be resumed, or null. */
  async resumable(): Promise<Resume | null> {
    const { exists, notes } = await readNotes(this.#notesPath);
    this.#hasNotes = exists;
    this.#notes = notes;
    if (notes === null || notes.url !== this.#url || validatorOf(notes.facts) === null) return null;
    if (notes.bytes === 0 || notes.failedResumes >= MOST_FAILED_RESUMES) return null;
    const stats = await lstat(this.path).catch(() => null);
    return stats?.isFile() && stats.size >= notes.bytes ? { bytes: notes.bytes, facts: notes.facts } : null;
  }

  /** Remembers that a request for the rest failed. The part itself stays. */
  async noteFailedResume(): Promise<void> {
    const notes = this.#notes;
    if (notes === null) return;
    await this.#guard(() => writeNotes(this.#notesPath, { ...notes, failedResumes: notes.failedResumes + 1 }));
  }

  /** Starts from the first byte. The first write removes what an earlier attempt left. */
  begin(facts: ResponseFacts): void {
    this.#facts = facts;
  }

  /** Continues at the end of `resume`, after giving each of its bytes to `each`. */
  async continueFrom(
    resume: Resume,
    facts: ResponseFacts,
    each: (chunk: Buffer) => void,
    signal: AbortSignal,
  ): Promise<void> {
    this.#facts = facts;
    await this.#guard(async () => {
      this.#file = await open(this.path, O_RDWR | O_NOFOLLOW);
      await this.#file.truncate(resume.bytes);
      for await (const chunk of readChunks(this.#file, signal)) {
        // A copy, as the receiver may keep it and the next chunk is read into the same memory.
        each(Buffer.from(chunk));
        this.#written += chunk.length;
      }
      if (this.#written !== resume.bytes) throw new Error(`${this.path} changed while it was read`);
      this.#flushed = this.#written;
    });
  }

  /** Appends a chunk. When it returns a promise, wait for that before the next chunk. */
  append(chunk: Buffer): Promise<void> | null {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes < BATCH_BYTES && this.#held.length < BATCH_CHUNKS) return null;
    const isBusy = this.#queued > 0;
    const flushed = this.#flush();
    if (isBusy) return flushed;
    // The failure is remembered and thrown by the next flush.
    flushed.catch(() => undefined);
    return null;
  }

  /** Makes all bytes durable and closes the file. */
  async seal(): Promise<void> {
    await this.#flush();
    await this.#guard(() => this.#file!.sync());
    await this.#close();
  }

  /** Keeps what has arrived for a later attempt. Without a validator it could not be resumed, and is removed. */
  async keep(): Promise<void> {
    if (this.#facts === null) return;
    if (validatorOf(this.#facts) === null || this.bytes === 0) return this.drop();
    await this.#flush();
    await this.#guard(() => this.#makeResumable(this.#file!));
    await this.#close();
  }

  /** Moves what has arrived to `target`, at most `most` bytes of it. It cannot be resumed any more. */
  async quarantine(target: string, most: number): Promise<void> {
    await this.#flush();
    await this.#guard(() => this.#file!.truncate(Math.min(this.#written, most)));
    await this.#close();
    await this.#guard(() => rename(this.path, target));
    await this.dropNotes();
  }

  /** Removes the part and the notes. */
  async drop(): Promise<void> {
    this.#held = [];
    this.#heldBytes = 0;
    await this.#tail;
    await this.#close();
    await rm(this.path, { force: true });
    await this.dropNotes();
  }

  /** Removes the notes, after the part got its final name. */
  async dropNotes(): Promise<void> {
    if (this.#hasNotes) await rm(this.#notesPath, { force: true });
    this.#hasNotes = false;
  }

  /** Closes the file and leaves everything as it is. */
  async release(): Promise<void> {
    await this.#tail;
    await this.#close().catch(() => undefined);
  }

  get bytes(): number {
    return this.#written + this.#heldBytes;
  }

  /** The size of the whole file; null when not stated. */
  get expectedBytes(): number | null {
    return this.#facts?.totalBytes ?? null;
  }

  #flush(): Promise<void> {
    this.#queued += 1;
    const flushed = this.#tail.then(() => this.#writeHeld()).finally(() => (this.#queued -= 1));
    this.#tail = flushed.catch(() => undefined);
    return flushed;
  }

  async #writeHeld(): Promise<void> {
    try {
      if (this.#failure !== null) throw this.#failure;
      this.#file ??= await this.#create();
      while (this.#held.length > 0) await this.#writeBatch(this.#file);
      if (this.#written - this.#flushed >= FLUSH_BYTES) await this.#makeResumable(this.#file);
    } catch (error) {
      this.#failure = toDiskError(error, this.path) as Error;
      throw this.#failure;
    }
  }

  async #writeBatch(file: FileHandle): Promise<void> {
    const batch = this.#held.splice(0, BATCH_CHUNKS);
    const size = batch.reduce((sum, chunk) => sum + chunk.length, 0);
    this.#heldBytes -= size;
    for (let at = 0; at < size;) {
      const { bytesWritten } = await file.writev(at === 0 ? batch : [Buffer.concat(batch).subarray(at)], this.#written);
      at += bytesWritten;
      this.#written += bytesWritten;
    }
  }

  async #create(): Promise<FileHandle> {
    // The notes of an earlier part must not be there beside the bytes of this one.
    await this.dropNotes();
    const flags = O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY;
    const file = await open(this.path, flags, 0o600).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
      await unlink(this.path);
      return open(this.path, flags, 0o600);
    });
    this.#file = file;
    await setMode(file, 0o600);
    return file;
  }

  /** Flushes what is written, and only then says so in the notes. */
  async #makeResumable(file: FileHandle): Promise<void> {
    const [facts, bytes] = [this.#facts, this.#written];
    if (facts === null || validatorOf(facts) === null) return;
    await file.sync();
    this.#flushed = bytes;
    this.#hasNotes = true;
    await writeNotes(this.#notesPath, { url: this.#url, facts, bytes, failedResumes: 0 });
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }

  async #guard<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw toDiskError(error, this.path);
    }
  }
}
