import { constants, type Stats } from "node:fs";
import { access, lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { bad, ok, warn, type Finding } from "./finding.ts";

/** Files in the home that others must not read: keys, and what contains task ids, since a task id works like a key. */
const PRIVATE =
  /^(archive\.db.*|keys(-used)?\.json|(lock|watch|backup-lock|keys-lock)\.(db|json)|journal|unreadable|trash|backup-staging|\.env)$/;

const MAX_LISTED = 4;
const READ_ONLY_ADVICE =
  "what only reads works (clips, search, verify, export); to change the archive, mount the disk for writing";

/** Checks that this user may write in `folder`, and that nobody else may read its private files. */
export async function checkPermissions(
  what: "home" | "assets",
  folder: string,
  uid = process.getuid?.(),
): Promise<Finding> {
  const check = `permissions of the ${what} folder`;
  const stats = await lstat(folder).catch(() => null);
  if (!stats) return ok(check, `not there yet: ${folder}`);
  const denied = await access(folder, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => null,
    (error: NodeJS.ErrnoException) => error.code ?? "",
  );
  if (denied === "EROFS") return bad(check, `the disk of ${folder} is mounted read-only`, READ_ONLY_ADVICE);
  if (denied !== null)
    return bad(check, `${folder} cannot be written`, `chown it to this user, or chmod u+rwx ${folder}`);
  if (uid !== undefined && uid !== 0 && stats.uid !== uid)
    return warn(
      check,
      `${folder} belongs to another user`,
      "always run as the same user, otherwise some files belong to another user and cannot be changed",
    );
  const readOnly = await findReadOnly(what, folder);
  if (readOnly.length > 0)
    return bad(
      check,
      `this user cannot write ${readOnly.slice(0, MAX_LISTED).join(", ")}${readOnly.length > MAX_LISTED ? ` and ${readOnly.length - MAX_LISTED} more` : ""} in ${folder}`,
      `as root once: chown -R $(id -un) ${folder}; a command that was run with sudo leaves such files`,
    );
  const open = process.platform === "win32" || what === "assets" ? [] : await findOpenToOthers(folder, stats);
  if (open.length === 0) return ok(check, folder);
  return warn(check, `others may read ${open.join(", ")}`, `chmod -R go-rwx ${folder}`);
}

/** Files that every sync writes to. */
const WRITTEN = /^(archive\.db(-wal|-shm)?|lock\.(db|json)|journal|unreadable)$/;

async function findReadOnly(what: "home" | "assets", folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => (what === "home" ? WRITTEN : /^[\w-]{2}$/).test(name));
  const months = names.includes("journal") ? await readdir(join(folder, "journal")).catch(() => []) : [];
  const paths = [...names, ...months.map((name) => `journal/${name}`)].toSorted();
  const writable = await Promise.all(
    paths.map((path) =>
      access(join(folder, path), constants.W_OK).then(
        () => true,
        (error: NodeJS.ErrnoException) => error.code === "ENOENT",
      ),
    ),
  );
  return paths.filter((_path, at) => !writable[at]);
}

/** Files inside a folder that others cannot enter are safe, whatever their own modes. */
async function findOpenToOthers(folder: string, stats: Stats): Promise<string[]> {
  if ((stats.mode & 0o077) === 0) return [];
  const names = (await readdir(folder)).filter((name) => PRIVATE.test(name));
  const open = await Promise.all(
    names.map(async (name) => ((await lstat(join(folder, name))).mode & 0o077 ? [name] : [])),
  );
  return open.flat();
}
