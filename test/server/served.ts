import { connect } from "node:net";
import type { Config } from "../../src/config.ts";
import { defaultConfig } from "../../src/config.ts";
import type { ServeOptions } from "../../src/server/server-context.ts";
import { startServer, type RunningServer } from "../../src/server/serve.ts";
import { makeWorld, type World, type WorldOptions } from "../helpers/world.ts";

/** A synced archive and the service over it. */
export type Served = AsyncDisposable & { world: World; url: string; port: number };

/** Syncs a small library and serves it in this process. */
export async function serveWorld(
  options: Partial<ServeOptions> = {},
  settings: Partial<Config> = {},
  worldOptions: WorldOptions = {},
): Promise<Served> {
  const world = await makeWorld(worldOptions);
  const { code, stderr } = await world.mirror("sync");
  if (code !== 0) throw new Error(`sync ended with ${code}: ${stderr}`);
  const server = await serveHome(world.home, options, settings);
  return {
    world,
    url: server.url,
    port: Number(new URL(server.url).port),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

/** Serves an archive on a free port. */
export function serveHome(
  home: string,
  options: Partial<ServeOptions> = {},
  settings: Partial<Config> = {},
): Promise<RunningServer> {
  const listen = { host: "127.0.0.1", port: 0 };
  const asked = { requireKey: false, rewriteUrls: false, maxAgeMs: 1_800_000, ...options };
  return startServer(defaultConfig(home, { listen, ...settings }), asked);
}

/** Sends these bytes and returns the whole answer; the server ends the connection. */
export function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    let answer = "";
    socket.setEncoding("latin1");
    socket.on("data", (part: string) => (answer += part));
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
  });
}

/** The status of a raw answer. */
export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
}
