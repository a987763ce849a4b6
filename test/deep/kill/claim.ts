import { AssertionError } from "node:assert";

/** Fails with the moment of a long loop, so that it can be repeated. */
export function claim(holds: boolean, what: string, moment: object): void {
  if (!holds) throw new AssertionError({ message: `${what}: ${JSON.stringify(moment)}`, stackStartFn: claim });
}
