/** Exit codes of the program; the table in docs/configuration.md says what each means to a person. */
export const EXIT = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  incomplete: 3,
  integrity: 4,
  upstream: 5,
  refused: 6,
  disk: 7,
  locked: 8,
  schema: 9,
  query: 10,
  sigint: 130,
  sigterm: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export type ErrorDetails = { hint?: string | undefined; cause?: unknown };

/**
 * The root of every failure that the program expects. `code` is a stable word for machines, `message` one line for a
 * person (what was wrong), `hint` what to do about it, `exit` the exit code it becomes when nothing catches it.
 */
export class MirrorError extends Error {
  readonly code: string;
  readonly exit: ExitCode;
  readonly hint: string | undefined;

  constructor(code: string, exit: ExitCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.exit = exit;
    this.hint = details.hint;
  }
}

/** Wrong flags, bad configuration, no archive here, nothing tracked (exit 2). */
export class UsageError extends MirrorError {
  constructor(message: string, details?: ErrorDetails & { code?: string }) {
    super(details?.code ?? "usage", EXIT.usage, message, details);
  }
}

/** The database or a file is damaged (exit 4). */
export class IntegrityError extends MirrorError {
  constructor(message: string, details?: ErrorDetails & { code?: string }) {
    super(details?.code ?? "integrity", EXIT.integrity, message, details);
  }
}

/** The API or the network did not answer as it should; asking later may help (exit 5). */
export class UpstreamError extends MirrorError {
  constructor(message: string, details?: ErrorDetails & { code?: string }) {
    super(details?.code ?? "upstream", EXIT.upstream, message, details);
  }
}

/** The API refused the token, the account or the service; asking again will not help (exit 6). */
export class RefusedError extends MirrorError {
  constructor(message: string, details?: ErrorDetails & { code?: string }) {
    super(details?.code ?? "refused", EXIT.refused, message, details);
  }
}

/** The local disk is full, read-only, not permitted, or not this archive's (exit 7). */
export class DiskError extends MirrorError {
  constructor(message: string, details?: ErrorDetails & { code?: string }) {
    super(details?.code ?? "disk", EXIT.disk, message, details);
  }
}

/** Another run holds the archive (exit 8). */
export class LockedError extends MirrorError {
  constructor(message: string, details?: ErrorDetails & { code?: string }) {
    super(details?.code ?? "locked", EXIT.locked, message, details);
  }
}

/** The archive is newer than this program, not one of ours, or could not be migrated (exit 9). */
export class SchemaError extends MirrorError {
  constructor(message: string, details?: ErrorDetails & { code?: string }) {
    super(details?.code ?? "schema", EXIT.schema, message, details);
  }
}

/** A query was refused, or went over its time or memory limit (exit 10). */
export class QueryError extends MirrorError {
  constructor(message: string, details?: ErrorDetails & { code?: string }) {
    super(details?.code ?? "query", EXIT.query, message, details);
  }
}
