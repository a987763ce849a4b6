export type Environment = Record<string, string>;

/** What restic, rclone and the programs that these start may need. Nothing else is handed on: the API's token least of all. */
const WANTED =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|TMP|TEMP|XDG_\w+|SSH_AUTH_SOCK|SSL_CERT_(FILE|DIR)|GODEBUG|SYSTEMROOT|APPDATA|LOCALAPPDATA|USERPROFILE|PATHEXT|((https?|all|no|ftp)_proxy)|(RESTIC|RCLONE|AWS|OS|ST|B2|AZURE|GOOGLE)_\w+)$/i;

/** restic's repository comes by flag, and restic dies where it is named twice; rclone dies while AWS_CA_BUNDLE is set. */
const UNWANTED = {
  restic: /^RESTIC_REPOSITORY(_FILE)?$/,
  rclone: /^AWS_CA_BUNDLE$/,
};

/** The environment of one of the two programs, made from ours. */
export function childEnvironment(program: "restic" | "rclone", env: Record<string, string | undefined>): Environment {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && WANTED.test(entry[0]) && !UNWANTED[program].test(entry[0]),
  );
  const own = program === "restic" ? { RESTIC_PROGRESS_FPS: "1" } : { RCLONE_ASK_PASSWORD: "false" };
  return { ...Object.fromEntries(kept), ...own };
}

const SECRET = /PASS|SECRET|KEY|TOKEN|CREDENTIAL|AUTH|SAS/i;
const LEAST = 4;

/** Takes the values of secrets, and passwords in addresses, out of what a program says. */
export function hideSecrets(text: string, env: Environment): string {
  const values = Object.entries(env).filter(([name, value]) => SECRET.test(name) && value.length >= LEAST);
  const longestFirst = values.map(([, value]) => value).toSorted((one, other) => other.length - one.length);
  const hidden = longestFirst.reduce((rest, value) => rest.replaceAll(value, "***"), text);
  return hidden.replace(/(\/\/[^/@\s:]*):[^/@\s]+@/g, "$1:***@");
}
