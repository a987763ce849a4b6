/** The result of one check. `advice` says what to do; null when the state is `ok`. */
export type Finding = {
  check: string;
  /** `bad`: something does not work or is not safe now. `warn`: it may become so. */
  state: "ok" | "warn" | "bad";
  found: string;
  advice: string | null;
};

export function ok(check: string, found: string): Finding {
  return { check, state: "ok", found, advice: null };
}

export function warn(check: string, found: string, advice: string): Finding {
  return { check, state: "warn", found, advice };
}

export function bad(check: string, found: string, advice: string): Finding {
  return { check, state: "bad", found, advice };
}
