/** What the walk of a file needs next. */
type Step =
  | { want: "take"; count: number; orEnd: boolean }
  | { want: "skip"; count: number }
  | { want: "until"; byte: number }
  | { want: "rest"; keep: number };

type Supply = { bytes: Buffer; skipped: number };

/** A check that reads a file from its first byte to its last, written as if it could wait for bytes. */
export type Walk<Result> = Generator<Step, Result, Supply>;

/** What a walk finds in a valid file. `note` is a remark that is no failure. */
export type WalkResult = { durationSeconds: number | null; note: string | null };

/** The bytes are not what they should be; the message says how, such as `cut short`. */
export class BadBytes extends Error {}

/** The next `count` bytes; with fewer the file is cut. Keep `count` small: the bytes are held in memory. */
export function* take(count: number): Walk<Buffer> {
  return (yield { want: "take", count, orEnd: false }).bytes;
}

/** The next `count` bytes, or what is left when the file ends earlier. */
export function* takeUpTo(count: number): Walk<Buffer> {
  return (yield { want: "take", count, orEnd: true }).bytes;
}

/** Skips `count` bytes, all of which must be there. */
export function* skip(count: number): Walk<void> {
  yield { want: "skip", count };
}

/** Skips everything up to and including the next `byte`. */
export function* skipPast(byte: number): Walk<void> {
  yield { want: "until", byte };
}

/** Everything that is left: how many bytes, and the last `keep` of them. */
export function* rest(keep = 0): Walk<{ count: number; tail: Buffer }> {
  const { bytes, skipped } = yield { want: "rest", keep };
  return { count: skipped, tail: bytes };
}

/** A remark for bytes that follow a complete file; null when there are none. */
export function trailing(count: number): string | null {
  return count === 0 ? null : `${count} bytes after the end`;
}

export type Walker<Result> = {
  /** Gives the next bytes; throws BadBytes as soon as the file cannot become valid. */
  push(chunk: Buffer): void;
  /** Ends the file here; throws BadBytes, or returns the result of the walk. */
  end(): Result;
};

/** Runs a walk over chunks of any size; the walk does not notice where they are cut. */
export function startWalk<Result>(walk: Walk<Result>): Walker<Result> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let passed = 0;
  let state = walk.next();
  skipFinished();
  return { push, end };

  function push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !state.done) at += feed(state.value, chunk.subarray(at));
  }

  /** Uses bytes for the current step and returns how many. */
  function feed(step: Step, bytes: Buffer): number {
    if (step.want === "rest") return keepTail(step.keep, bytes);
    if (step.want === "until") return seek(step.byte, bytes);
    const used = bytes.subarray(0, step.count - passed);
    passed += used.length;
    if (step.want === "take") held.push(used);
    skipFinished();
    return used.length;
  }

  function seek(byte: number, bytes: Buffer): number {
    const found = bytes.indexOf(byte);
    if (found === -1) return bytes.length;
    advance();
    return found + 1;
  }

  function keepTail(keep: number, bytes: Buffer): number {
    passed += bytes.length;
    held.push(bytes);
    heldBytes += bytes.length;
    while (held.length > 0 && heldBytes - held[0]!.length >= keep) heldBytes -= held.shift()!.length;
    return bytes.length;
  }

  /** Advances over every step that has all it needs, also those that need nothing. */
  function skipFinished(): void {
    while (!state.done && (state.value.want === "take" || state.value.want === "skip") && passed === state.value.count)
      advance();
  }

  function advance(): void {
    const bytes = held.length === 1 ? held[0]! : Buffer.concat(held);
    const supply = { bytes, skipped: passed };
    held = [];
    heldBytes = 0;
    passed = 0;
    state = walk.next(supply);
  }

  function end(): Result {
    while (!state.done) {
      const step = state.value;
      if (step.want === "rest" || (step.want === "take" && step.orEnd)) {
        if (step.want === "rest") held = [Buffer.concat(held).subarray(-step.keep || Infinity)];
        advance();
        skipFinished();
      } else state = walk.throw(new BadBytes("cut short"));
    }
    return state.value;
  }
}
