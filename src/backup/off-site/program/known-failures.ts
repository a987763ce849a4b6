import {
  DiskError,
  EXIT,
  IntegrityError,
  MirrorError,
  RefusedError,
  UpstreamError,
  UsageError,
} from "../../../lib/errors.ts";

type Details = { code: string; hint: string };
type Create = (message: string, details: Details) => MirrorError;
type Failure = Details & {
  /** Matches the output of the program; a failure without it is known by its exit code alone. */
  pattern?: RegExp;
  create: Create;
};

const usage: Create = (message, details) => new UsageError(message, details);
const refused: Create = (message, details) => new RefusedError(message, details);
const upstream: Create = (message, details) => new UpstreamError(message, details);
const disk: Create = (message, details) => new DiskError(message, details);
const integrity: Create = (message, details) => new IntegrityError(message, details);
const incomplete: Create = (message, { code, hint }) => new MirrorError(code, EXIT.incomplete, message, { hint });

const RUN_AGAIN = "run it again: what is there already is not sent twice";

/** In this order: the first pattern that matches decides. */
const FAILURES: Failure[] = [
  {
    pattern: /wrong password|no key found|empty password|invalid password|couldn't decrypt/i,
    code: "wrong_password",
    hint: "look at RESTIC_PASSWORD or RESTIC_PASSWORD_FILE (rclone: RCLONE_CONFIG_PASS)",
    create: refused,
  },
  {
    pattern: /already locked|unable to create lock|failed to lock/i,
    code: "place_locked",
    hint: "another restic is running there: try later; if none is, `restic unlock` removes the lock of one that died",
    create: upstream,
  },
  {
    pattern:
      /\b(40[13]\b|Unauthorized|Forbidden|AccessDenied|Access Denied|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidClientTokenId|ExpiredToken|NoCredentialProviders)|invalid_grant|authentication failed|unable to authenticate|permission denied \(|no auth(entication)? provider|couldn't authenticate/i,
    code: "place_refused",
    hint: "look at the credentials in the environment or in the program's own configuration",
    create: refused,
  },
  {
    pattern: /no space left|disk quota exceeded|insufficient storage|\b507\b/i,
    code: "disk_full",
    hint: `make room there, then ${RUN_AGAIN}`,
    create: disk,
  },
  {
    pattern:
      /dial tcp|connection (refused|reset|closed)|no such host|i\/o timeout|deadline exceeded|unreachable|TLS handshake|x509|unexpected EOF|broken pipe|temporary failure|could not resolve|\b(429|5\d\d) |SlowDown|TooManyRequests|timed out/i,
    code: "place_unreachable",
    hint: `look at the network and the address, then ${RUN_AGAIN}`,
    create: upstream,
  },
  {
    pattern: /permission denied|read-only file system|operation not permitted|input\/output error/i,
    code: "disk",
    hint: "look at the permissions of the folder and at its disk",
    create: disk,
  },
  {
    pattern: /Is there a repository at|unable to open config file|repository does not exist|no such repository/i,
    code: "no_repository",
    hint: "give --init once to make the repository there, or look at its address",
    create: usage,
  },
  {
    pattern: /config file already exists|already initialized/i,
    code: "repository_exists",
    hint: "leave out --init: the repository is there already",
    create: usage,
  },
  {
    pattern:
      /ciphertext verification failed|repository contains errors|hash (does not|doesn't) match|does not match id|pack .*(damaged|contains)|wrong data returned|invalid data returned|corrupted on transfer|(id|blob) \S*[0-9a-f]{8,64}\S* not found|\/data\/[0-9a-f]{2}\/[0-9a-f]{64}: no such file|Load\(.*\) returned error.*(hash|invalid)/i,
    code: "place_damaged",
    hint: "the backup there is damaged: look at it with `restic check --read-data`, and back up to another location now",
    create: integrity,
  },
  {
    pattern:
      /didn't find section in config|unknown type|unknown remote|config(uration)? file|unknown flag|unknown shorthand|invalid backend|malformed|bad address/i,
    code: "place_not_configured",
    hint: "look at the address, and at what `rclone listremotes` and the environment say",
    create: usage,
  },
  { code: "not_there", hint: "look at the remote's path", create: usage },
  { code: "backup_incomplete", hint: RUN_AGAIN, create: incomplete },
  { code: "program_interrupted", hint: RUN_AGAIN, create: incomplete },
];

/** The error that the output of a program means; undefined for unknown output. */
export function failureOfOutput(output: string, message: string): MirrorError | undefined {
  return toError(
    FAILURES.find(({ pattern }) => pattern?.test(output)),
    message,
  );
}

/** The error of one of the codes above; undefined for any other. */
export function failureOfCode(code: string | undefined, message: string): MirrorError | undefined {
  return toError(
    FAILURES.find((failure) => failure.code === code),
    message,
  );
}

function toError(failure: Failure | undefined, message: string): MirrorError | undefined {
  return failure?.create(message, { code: failure.code, hint: failure.hint });
}
