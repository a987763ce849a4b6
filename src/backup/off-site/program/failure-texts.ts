import {
  DiskError,
  IntegrityError,
  RefusedError,
  UpstreamError,
  UsageError,
  type MirrorError,
} from "../../../lib/errors.ts";

type Kind = { says: RegExp; code: string; hint: string; make: new (message: string, details: Details) => MirrorError };
type Details = { code: string; hint: string };

/**
 * What the words of a program mean, the first that fits. restic before 0.17 ends with 1 for nearly everything and
 * rclone often does, so that their exit codes alone tell a person little.
 */
const KINDS: Kind[] = [
  {
    says: /wrong password|no key found|empty password|invalid password|couldn't decrypt/i,
    code: "wrong_password",
    hint: "look at RESTIC_PASSWORD or RESTIC_PASSWORD_FILE (rclone: RCLONE_CONFIG_PASS)",
    make: RefusedError,
  },
  {
    says: /already locked|unable to create lock|failed to lock/i,
    code: "place_locked",
    hint: "another restic is at work there: try later; if none is, `restic unlock` removes what a dead one left",
    make: UpstreamError,
  },
  {
    says: /\b(40[13]\b|Unauthorized|Forbidden|AccessDenied|Access Denied|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidClientTokenId|ExpiredToken|NoCredentialProviders)|invalid_grant|authentication failed|unable to authenticate|permission denied \(|no auth(entication)? provider|couldn't authenticate/i,
    code: "place_refused",
    hint: "look at the credentials in the environment or the program's own configuration",
    make: RefusedError,
  },
  {
    says: /no space left|disk quota exceeded|insufficient storage|\b507\b/i,
    code: "disk_full",
    hint: "make room there, then run it again: what is there already is not sent twice",
    make: DiskError,
  },
  {
    says: /dial tcp|connection (refused|reset|closed)|no such host|i\/o timeout|deadline exceeded|unreachable|TLS handshake|x509|unexpected EOF|broken pipe|temporary failure|could not resolve|\b(429|5\d\d) |SlowDown|TooManyRequests|timed out/i,
    code: "place_unreachable",
    hint: "look at the network and the address, then try again: what is there already is not sent twice",
    make: UpstreamError,
  },
  {
    says: /permission denied|read-only file system|operation not permitted|input\/output error/i,
    code: "disk",
    hint: "look at the permissions of the folder and at its disk",
    make: DiskError,
  },
  {
    says: /Is there a repository at|unable to open config file|repository does not exist|no such repository/i,
    code: "no_repository",
    hint: "give --init once to make the repository there, or look at its address",
    make: UsageError,
  },
  {
    says: /config file already exists|already initialized/i,
    code: "repository_exists",
    hint: "leave out --init: the repository is there already",
    make: UsageError,
  },
  {
    says: /ciphertext verification failed|repository contains errors|hash (does not|doesn't) match|does not match id|pack .*(damaged|contains)|wrong data returned|invalid data returned|corrupted on transfer|(id|blob) \S*[0-9a-f]{8,64}\S* not found|\/data\/[0-9a-f]{2}\/[0-9a-f]{64}: no such file|Load\(.*\) returned error.*(hash|invalid)/i,
    code: "place_damaged",
    hint: "the place itself is damaged: look at it with `restic check --read-data`, and back up to another place now",
    make: IntegrityError,
  },
  {
    says: /didn't find section in config|unknown type|unknown remote|config(uration)? file|unknown flag|unknown shorthand|invalid backend|malformed|bad address/i,
    code: "place_not_configured",
    hint: "look at the address, and at what `rclone listremotes` and the environment say",
    make: UsageError,
  },
];

/** The error that the words mean; undefined when they mean nothing to us. */
export function errorOfWords(words: string, message: string): MirrorError | undefined {
  const kind = KINDS.find(({ says }) => says.test(words));
  return kind && new kind.make(message, { code: kind.code, hint: kind.hint });
}
