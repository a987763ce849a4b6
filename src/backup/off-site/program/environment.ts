export type Environment = Record<string, string>;

/** What restic, rclone and the programs that they start may need. Nothing else is passed on, above all not the API token. */
const ALLOWED =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|TMP|TEMP|XDG_\w+|SSH_AUTH_SOCK|SSL_CERT_(FILE|DIR)|GODEBUG|SYSTEMROOT|APPDATA|LOCALAPPDATA|USERPROFILE|PATHEXT|((https?|all|no|ftp)_proxy)|(RESTIC|RCLONE|AWS|OS|ST|B2|AZURE|GOOGLE)_\w+)$/i;

/** restic gets its repository by a flag and fails when it is named twice; rclone fails while AWS_CA_BUNDLE is set. */
const EXCLUDED = {
  restic: /^RESTIC_REPOSITORY(_FILE)?$/,
  rclone: /^AWS_CA_BUNDLE$/,
};

/** The environment for one of the two programs, a part of ours. */
export function childEnvironment(program: "restic" | "rclone", env: Record<string, string | undefined>): Environment {
  const allowed = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && ALLOWED.test(entry[0]) && !EXCLUDED[program].test(entry[0]),
  );
  const own = program === "restic" ? { RESTIC_PROGRESS_FPS: "1" } : { RCLONE_ASK_PASSWORD: "false" };
  return { ...Object.fromEntries(allowed), ...own };
}

const SECRET = /PASS|SECRET|KEY|TOKEN|CREDENTIAL|AUTH|SAS/i;
const MIN_LENGTH = 4;

/** Replaces the values of secrets, and passwords in addresses, in the output of a program. */
export function hideSecrets(text: string, env: Environment): string {
  const values = Object.entries(env).filter(([name, value]) => SECRET.test(name) && value.length >= MIN_LENGTH);
  const longestFirst = values.map(([, value]) => value).toSorted((one, other) => other.length - one.length);
  const hidden = longestFirst.reduce((rest, value) => rest.replaceAll(value, "***"), text);
  return hidden.replace(/(\/\/[^/@\s:]*):[^/@\s]+@/g, "$1:***@");
}
