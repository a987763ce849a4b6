import { bad, ok, warn, type Finding } from "./finding.ts";

/** What a free question to the API brought; null when there was no token to ask with. */
export type Asked = {
  failure: { message: string; hint: string | undefined } | null;
  clockAheadMs: number | null;
} | null;

/** Beyond this, times of runs and of records do not fit each other. */
const MOST_SKEW_MS = 2 * 60 * 1000;

/** The token and the clock, by the answer to one free question. */
export function judgeApi(apiUrl: string, asked: Asked): Finding[] {
  if (!asked) {
    const advice = "put ACEDATACLOUD_API_TOKEN into <home>/.env (chmod 600); reading and verifying need none";
    return [bad("token", "none is set, so nothing can be asked", advice)];
  }
  const { failure, clockAheadMs } = asked;
  const token = failure
    ? bad("token", failure.message, failure.hint ?? "try again later")
    : ok("token", `accepted by ${apiUrl}`);
  return clockAheadMs === null ? [token] : [token, judgeClock(clockAheadMs)];
}

function judgeClock(aheadMs: number): Finding {
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  if (Math.abs(aheadMs) <= MOST_SKEW_MS) return ok("clock", `within ${Math.max(1, seconds)} s of the API's`);
  const found = `${seconds} s ${aheadMs > 0 ? "ahead of" : "behind"} the API's`;
  return warn("clock", found, "set the clock (timedatectl set-ntp true): schedules and dates go by it");
}
