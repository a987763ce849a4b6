/** Error codes of the Subsonic API (https://opensubsonic.netlify.app/docs/responses/error/). */
export const CODES = {
  generic: 0,
  missing: 10,
  wrongLogin: 40,
  otherLogin: 42,
  twoLogins: 43,
  wrongApiKey: 44,
  forbidden: 50,
  notFound: 70,
} as const;

/** What is answered with `status: failed`. */
export class RestError extends Error {
  readonly code: number;

  constructor(code: keyof typeof CODES, message: string) {
    super(message);
    this.code = CODES[code];
  }
}

/** Cut for a message. */
export function shown(text: string): string {
  return text.slice(0, 100).toWellFormed();
}
