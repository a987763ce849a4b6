import { bad, ok, warn, type Finding } from "./finding.ts";

/** The result of one free request to the API; null when there was no token to send it with. */
export type ApiProbe = {
  failure: { message: string; hint: string | undefined } | null;
  clockAheadMs: number | null;
} | null;

/** With a larger difference, the times of runs do not match the times of records. */
const MAX_SKEW_MS = 2 * 60 * 1000;

/** Checks the token and the clock by the response to one free request. */
export function checkApi(apiUrl: string, probe: ApiProbe): Finding[] {
  if (!probe) {
    const advice =
      "put ACEDATACLOUD_API_TOKEN into <home>/.env (chmod 600); reading and verifying the archive need no token";
    return [bad("token", "none is set, so no request can be sent", advice)];
  }
  const { failure, clockAheadMs } = probe;
  const token = failure
    ? bad("token", failure.message, failure.hint ?? "try again later")
    : ok("token", `accepted by ${apiUrl}`);
  return clockAheadMs === null ? [token] : [token, checkClock(clockAheadMs)];
}

function checkClock(aheadMs: number): Finding {
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  if (Math.abs(aheadMs) <= MAX_SKEW_MS) return ok("clock", `within ${Math.max(1, seconds)} s of the API's`);
  const found = `${seconds} s ${aheadMs > 0 ? "ahead of" : "behind"} the API's`;
  return warn("clock", found, "set the clock (timedatectl set-ntp true): schedules and dates depend on it");
}
