import type { ApiError } from "../../api/api-error.ts";
import { RefusedError, UpstreamError, type MirrorError } from "../../lib/errors.ts";
import type { ListingPage } from "./listing-page.ts";

const OTHER_WAY = "discover cannot list this account; track ids instead: producer-mirror track --file FILE";

/** The server does not know the filters: it gives others' records, or the newest ones again. */
export function filtersIgnored(what: string): MirrorError {
  const message = `the API does not honour the filters that discover needs: ${what}`;
  return new UpstreamError(message, { code: "filters_ignored", hint: OTHER_WAY });
}

/** The listing does not get on. */
export function listingStuck({ size, oldest }: ListingPage): MirrorError {
  const when = oldest === null ? "" : ` of ${new Date(oldest).toISOString()}`;
  const message = `the API sends the same ${size} tasks${when} again: it does not honour offset, others cannot be reached`;
  return new UpstreamError(message, {
    code: "filters_ignored",
    hint: "what was found is tracked; track the others by their ids",
  });
}

/** A refusal of the filters or the token is told apart from a service that is not there. */
export function listingFailed({ followUp, message, code, hint, tries }: ApiError): MirrorError {
  if (followUp === "refused") return new RefusedError(message, { code, hint });
  if (followUp === "pause" || followUp === "retry") {
    const times = tries > 1 ? ` after ${tries} tries` : "";
    return new UpstreamError(`${message}${times}`, {
      code,
      hint: "run discover again later; what was found is tracked",
    });
  }
  return new RefusedError(`the API refuses the filters that discover needs: ${message}`, {
    code: "filters_refused",
    hint: OTHER_WAY,
  });
}
