/** What the walk of a file needs next. */
type Step =
  | { want: "take"; count: number; orEnd: boolean }
  | { want: "skip"; count: number }
  | { want: "until"; byte: number }
  | { want: "rest"; keep: number };

type Answer = { bytes: Buffer; skipped: number };

/** A check that reads a file from its first byte to its last, written as if it could wait for bytes. */
export type Walk<Result> = Generator<Step, Result, Answer>;

/** The bytes are not what they should be; the message says how, such as `cut short`. */
export class BadBytes extends Error {}

/** The next `count` bytes; fewer are a cut file. Keep `count` small: they are held in memory. */
export function* take(count: number): Walk<Buffer> {
  return (yield { want: "take", count, orEnd: false }).bytes;
}

/** The next `count` bytes, or what is left when the file ends before. */
export function* takeUpTo(count: number): Walk<Buffer> {
  return (yield { want: "take", count, orEnd: true }).bytes;
}

/** Passes over `count` bytes, all of which must be there. */
export function* skip(count: number): Walk<void> {
  yield { want: "skip", count };
}

/** Passes over everything up to and including the next `byte`. */
export function* skipPast(byte: number): Walk<void> {
  yield { want: "until", byte };
}

/** Everything that is left: how many bytes, and the last `keep` of them. */
export function* rest(keep = 0): Walk<{ count: number; tail: Buffer }> {
  const { bytes, skipped } = yield { want: "rest", keep };
  return { count: skipped, tail: bytes };
}

export type Walker<Result> = {
  /** Gives the next bytes; throws BadBytes as soon as no further byte can make the file good. */
  push(chunk: Buffer): void;
  /** Says that the file ends here; throws BadBytes, or returns what the walk found. */
  end(): Result;
};

/** Runs a walk over chunks of any size; where they are cut makes no difference to it. */
export function startWalk<Result>(walk: Walk<Result>): Walker<Result> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let passed = 0;
  let state = walk.next();
  settle();
  return { push, end };

  function push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !state.done) at += feed(state.value, chunk.subarray(at));
  }

  /** Uses bytes for the present step and returns how many. */
  function feed(step: Step, bytes: Buffer): number {
    if (step.want === "rest") return keepTail(step.keep, bytes);
    if (step.want === "until") return seek(step.byte, bytes);
    const used = bytes.subarray(0, step.count - passed);
    passed += used.length;
    if (step.want === "take") held.push(used);
    settle();
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

  /** Goes on over every step that already has what it wants, those that want nothing included. */
  function settle(): void {
    while (!state.done && (state.value.want === "take" || state.value.want === "skip") && passed === state.value.count)
      advance();
  }

  function advance(): void {
    const bytes = held.length === 1 ? held[0]! : Buffer.concat(held);
    const answer = { bytes, skipped: passed };
    held = [];
    heldBytes = 0;
    passed = 0;
    state = walk.next(answer);
  }

  function end(): Result {
    while (!state.done) {
      const step = state.value;
      if (step.want === "rest" || (step.want === "take" && step.orEnd)) {
        if (step.want === "rest") held = [Buffer.concat(held).subarray(-step.keep || Infinity)];
        advance();
        settle();
      } else state = walk.throw(new BadBytes("cut short"));
    }
    return state.value;
  }
}
