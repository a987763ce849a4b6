import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";

const NEEDED = ["strawberry", "Xvfb", "xdotool", "dbus-run-session"];
/** True where Debian's strawberry is, with a screen of memory and somebody who clicks. */
export const hasStrawberry = NEEDED.every((name) => spawnSync("which", [name]).status === 0);

/** Strawberry on a screen of its own, set up for a server. */
export type Strawberry = AsyncDisposable & {
  /** Clicks "Refresh catalogue" where that may be. */
  refresh(): void;
  /** Titles in its own database. */
  titles(): string[];
  play(songId: string): void;
};

/** Starts it with its files in `folder`. */
export async function startStrawberry(
  folder: string,
  { url, user, key }: { url: string; user: string; key: string },
): Promise<Strawberry> {
  const settings = join(folder, ".config/strawberry");
  mkdirSync(settings, { recursive: true });
  mkdirSync(join(folder, "run"), { mode: 0o700 });
  const password = Buffer.from(key).toString("base64");
  writeFileSync(
    join(settings, "strawberry.conf"),
    `[Subsonic]\nenabled=true\nurl=${url}\nusername=${user}\npassword=${password}\nauthmethod=1\nhttp2=false\n` +
      "downloadalbumcovers=true\n\n[Backend]\nengine=GStreamer\noutput=fakesink\n",
  );
  const screen = spawn("Xvfb", ["-displayfd", "1", "-screen", "0", "1280x900x24"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [number] = (await once(screen.stdout, "data")) as [Buffer];
  const env = {
    PATH: process.env["PATH"],
    HOME: folder,
    XDG_RUNTIME_DIR: join(folder, "run"),
    DISPLAY: `:${number.toString().trim()}`,
    QT_QPA_PLATFORM: "xcb",
    LANG: "C.UTF-8",
  };
  const session = spawn("dbus-run-session", ["--", "strawberry", "--quiet"], { env, stdio: "ignore", detached: true });
  const click = (x: number, y: number) =>
    spawnSync("xdotool", ["mousemove", String(x), String(y), "click", "1"], { env });
  return {
    refresh() {
      // The sidebar's entries move with fonts; those beside "Subsonic" only show another list.
      for (const y of [620, 605, 635]) {
        click(41, y);
        click(165, 66);
      }
    },
    titles: () => readTitles(join(folder, ".local/share/strawberry/strawberry/strawberry.db")),
    play(songId) {
      // A second one hands its arguments to the first.
      spawnSync("strawberry", ["--play", "--load", `subsonic:${songId}`], { env, timeout: 20_000 });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([endGroup(session), end(screen)]);
    },
  };
}

function readTitles(path: string): string[] {
  if (!existsSync(path)) return [];
  const db = new Sqlite(path, { readonly: true });
  try {
    return db.prepare("select title from subsonic_songs order by title").pluck().all() as string[];
  } catch {
    // It is just being made.
    return [];
  } finally {
    db.close();
  }
}

/** The session with all that it has started. */
async function endGroup(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const ended = once(child, "exit");
  process.kill(-child.pid, "SIGKILL");
  await ended;
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill();
  await ended;
}
