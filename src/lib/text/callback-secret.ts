/** What every secret of a callback address begins with, so that it is found wherever the address was copied to. */
export const SECRET_PREFIX = "pmcb_";

/** A text with the secrets of callback addresses hidden: `https://…/callbacks/(hidden)`. All else stays as it is. */
export function hideCallbackSecrets(text: string): string {
  return text.replace(/pmcb_[A-Za-z0-9_-]{20,100}/g, "(hidden)");
}
