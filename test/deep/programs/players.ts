import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A server of players that reads a folder of music; disposing ends its process. */
export type Player = AsyncDisposable & { port: number };

/** True where Debian's mpd and mpc are installed. */
export const hasMpd = ["mpd", "mpc"].every((name) => spawnSync("which", [name]).status === 0);
/** True where Debian's supysonic and python3-waitress are. */
export const hasSupysonic =
  spawnSync("supysonic-server", ["--help"]).status === 0 &&
  spawnSync("/usr/bin/python3", ["-c", "import waitress"]).status === 0;

export const USER = { u: "me", p: "only-for-this-test" };

/** MPD over `music`, its own files in `folder`; its database is made before it is handed out. */
export async function startMpd(music: string, folder: string): Promise<Player> {
  const port = await freePort();
  const at = (name: string) => JSON.stringify(join(folder, name));
  mkdirSync(join(folder, "playlists"), { recursive: true });
  writeFileSync(
    join(folder, "mpd.conf"),
    `music_directory ${JSON.stringify(music)}
playlist_directory ${at("playlists")}
db_file ${at("db")}
log_file ${at("log")}
bind_to_address "127.0.0.1"
port "${port}"
zeroconf_enabled "no"
audio_output {
type "null"
name "none"
}
`,
  );
  const player = await start("mpd", ["--no-daemon", join(folder, "mpd.conf")], folder, port);
  mpc(port, "update", "--wait");
  return player;
}

/** What `mpc` says, line by line. */
export function mpc(port: number, ...args: string[]): string[] {
  const text = execFileSync("mpc", ["-h", "127.0.0.1", "-p", String(port), ...args], { encoding: "utf8" });
  return text.split("\n").filter(Boolean);
}

/** Supysonic over `music`, scanned, with a user. */
export async function startSupysonic(music: string, folder: string): Promise<Player> {
  const port = await freePort();
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, ".supysonic"),
    `[base]\ndatabase_uri = sqlite:///${join(folder, "supysonic.db")}\n[webapp]\ncache_dir = ${join(folder, "cache")}\n[daemon]\nsocket = ${join(folder, "socket")}\n`,
  );
  const cli = (...args: string[]) =>
    execFileSync("supysonic-cli", args, { cwd: folder, env: { ...process.env, HOME: folder }, stdio: "pipe" });
  cli("user", "add", USER.u, "-p", USER.p);
  cli("folder", "add", "songs", music);
  cli("folder", "scan", "--foreground", "songs");
  return start("supysonic-server", ["-S", "waitress", "-h", "127.0.0.1", "-p", String(port)], folder, port);
}

async function start(program: string, args: string[], folder: string, port: number): Promise<Player> {
  const child = spawn(program, args, { cwd: folder, env: { ...process.env, HOME: folder }, stdio: "ignore" });
  const ended = once(child, "exit");
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  for (let tries = 0; !(await answers(port)); tries++) {
    if (tries > 150 || child.exitCode !== null) {
      await stop();
      throw new Error(`${program} did not start`);
    }
    await sleep(100);
  }
  return { port, [Symbol.asyncDispose]: stop };
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
