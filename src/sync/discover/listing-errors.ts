import type { ApiError } from "../../api/api-error.ts";
import { RefusedError, UpstreamError, type MirrorError } from "../../lib/errors.ts";
import type { ListingPage } from "./listing-page.ts";

const HINT_TRACK_IDS = "discover cannot list this account; track ids instead: producer-mirror track --file FILE";

/** The server ignores the filters: it sends records of others, or the newest ones again. */
export function filtersIgnored(what: string): MirrorError {
  const message = `the API ignores the filters that discover needs: ${what}`;
  return new UpstreamError(message, { code: "filters_ignored", hint: HINT_TRACK_IDS });
}

/** The listing makes no progress. */
export function listingStuck({ size, oldest }: ListingPage): MirrorError {
  const when = oldest === null ? "" : ` of ${new Date(oldest).toISOString()}`;
  const message = `the API sends the same ${size} tasks${when} again: it ignores offset, so other tasks cannot be reached`;
  return new UpstreamError(message, {
    code: "filters_ignored",
    hint: "what was found is tracked; track the others by their ids",
  });
}

/** Distinguishes a refusal of the filters or the token from a service that cannot be reached. */
export function listingFailed({ followUp, message, code, hint, tries }: ApiError): MirrorError {
  if (followUp === "refused") return new RefusedError(message, { code, hint });
  if (followUp === "in_front") return new UpstreamError(message, { code, hint });
  if (followUp === "pause" || followUp === "retry") {
    const times = tries > 1 ? ` after ${tries} tries` : "";
    return new UpstreamError(`${message}${times}`, {
      code,
      hint: "run discover again later; what was found is tracked",
    });
  }
  return new RefusedError(`the API refuses the filters that discover needs: ${message}`, {
    code: "filters_refused",
    hint: HINT_TRACK_IDS,
  });
}
