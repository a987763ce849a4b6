/** One thing that was looked at. `advice` says what to do about anything but `ok`. */
export type Finding = {
  check: string;
  /** `bad` keeps something from working or being safe; `warn` will one day. */
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
