import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect, createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { describe, expect, test, vi } from "vitest";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { sha256 } from "../../helpers/folder-tree.ts";
import { temporaryFolder } from "../../helpers/temporary-archive.ts";
import { makeWorld, type World } from "../../helpers/world.ts";
import { taskIdOf } from "../../stand-in/make-record.ts";
import { startServe, type ServedProcess } from "../service/served-process.ts";
import { makeAuthority } from "./certificates.ts";

vi.setConfig({ testTimeout: 300_000 });

const DEPLOY = join(import.meta.dirname, "../../../deploy");
const KEY = "env-key-0123456789abcdef";
const has = (program: string, ...words: string[]) => spawnSync(program, words).status === 0;

test("the units are as systemd wants them, and shut in at 1.5 or better", (context) => {
  context.skip(!has("systemd-analyze", "--version"), "needs systemd-analyze");
  using folder = temporaryFolder();
  const units = readdirSync(DEPLOY).filter((name) => /\.(service|timer)$/.test(name));
  expect(units).toHaveLength(3);
  const paths = units.map((name) => join(folder.path, name));
  for (const [at, name] of units.entries()) {
    const text = readFileSync(join(DEPLOY, name), "utf8");
    writeFileSync(paths[at] ?? "", text.replaceAll("/usr/local/bin/producer-mirror", "/bin/true"));
  }
  const verified = spawnSync("systemd-analyze", ["verify", "--man=no", ...paths], { encoding: "utf8" });
  expect([verified.status, verified.stderr]).toEqual([0, ""]);
  for (const path of paths.filter((one) => one.endsWith(".service"))) {
    const rated = spawnSync("systemd-analyze", ["security", "--offline=true", "--threshold=15", path]);
    expect({ path, status: rated.status }).toEqual({ path, status: 0 });
  }
});

test("the figures pass promtool's lint", async (context) => {
  context.skip(!has("promtool", "--version"), "needs promtool");
  await using world = await makeWorld({ tasks: 2 });
  expectCode(await world.mirror("sync"), 0);
  expectCode(await world.mirror("verify"), 0);
  expectCode(await world.mirror("backup", join(world.folder, "copies")), 0);
  await using serve = await startServe(world);
  const input = await (await fetch(`${serve.url}/metrics`)).text();
  const linted = spawnSync("promtool", ["check", "metrics"], { input, encoding: "utf8" });
  expect([linted.status, linted.stdout, linted.stderr]).toEqual([0, "", ""]);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** A program that runs in the foreground until it is disposed of. */
async function startProxy(program: string, words: string[], port: number): Promise<AsyncDisposable> {
  const child = spawn(program, words, { stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(child, "exit");
  await vi
    .waitUntil(
      () =>
        new Promise<boolean>((resolve) => {
          const socket = connect(port, "127.0.0.1", () => resolve(Boolean(socket.destroy())));
          socket.once("error", () => resolve(false));
        }),
      { timeout: 60_000, interval: 50 },
    )
    .catch(() => {
      throw new Error(`${program} did not start: ${errors}`);
    });
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

type Proxied = { ask: (path: string, headers?: Record<string, string>, body?: string) => Promise<Got> };
type Got = { status: number; body: Buffer; headers: IncomingMessage["headers"] };

async function get(asked: ReturnType<typeof httpRequest>, body?: string): Promise<Got> {
  asked.end(body);
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await buffer(answer) };
}

/** What everybody behind a proxy relies on; the statuses in turn. */
async function useAll(world: World, { ask }: Proxied): Promise<number[]> {
  const bearer = { authorization: `Bearer ${KEY}` };
  const [song] = rowsOf(world.home, "select clip_id, sha256, bytes from assets where kind = 'audio' limit 1");
  const path = `/media/${String(song?.["clip_id"])}/audio`;
  const refused = await ask(path);
  const whole = await ask(path, bearer);
  expect(sha256(whole.body)).toBe(song?.["sha256"]);
  const part = await ask(`/key/${KEY}${path}`, { range: "bytes=10-19" });
  expect(part.body).toEqual(whole.body.subarray(10, 20));
  const id = taskIdOf(0);
  const record = await ask("/producer/tasks", bearer, JSON.stringify({ id }));
  expect(record.body.toString()).toBe(world.standIn.records.fetch(id));
  const page = await ask("/", { ...bearer, accept: "text/html" });
  return [refused, whole, part, record, page].map(({ status }) => status);
}

const STATUSES = [401, 200, 206, 200, 200];

describe("behind a proxy with the snippets of deploy/", () => {
  async function served(...flags: string[]): Promise<AsyncDisposable & { world: World; serve: ServedProcess }> {
    const world = await makeWorld({ tasks: 2, env: { PRODUCER_MIRROR_SERVE_KEY: KEY } });
    expectCode(await world.mirror("sync"), 0);
    const serve = await startServe(world, "--require-key", ...flags);
    return {
      world,
      serve,
      async [Symbol.asyncDispose]() {
        await serve[Symbol.asyncDispose]();
        await world[Symbol.asyncDispose]();
      },
    };
  }

  test("nginx, with TLS: songs, ranges and records come through, and its log holds no key", async (context) => {
    context.skip(!has("nginx", "-v") || !has("openssl", "version"), "needs nginx and openssl");
    await using both = await served("--allowed-hosts", "songs.example");
    const { world, serve } = both;
    const port = await freePort();
    const folder = join(world.folder, "nginx");
    mkdirSync(join(folder, "logs"), { recursive: true });
    const { path: ca, issue } = makeAuthority(folder);
    const certificate = issue("songs.example", 9);
    writeFileSync(join(folder, "songs.pem"), certificate.cert);
    writeFileSync(join(folder, "songs.key"), certificate.key);
    const snippet = readFileSync(join(DEPLOY, "nginx.conf"), "utf8")
      .replace("listen 443 ssl", `listen 127.0.0.1:${port} ssl`)
      .replace("/etc/ssl/songs.example.pem", join(folder, "songs.pem"))
      .replace("/etc/ssl/private/songs.example.key", join(folder, "songs.key"))
      .replace("/var/log/nginx/songs.log", join(folder, "logs/songs.log"))
      .replace("http://127.0.0.1:6464", serve.url);
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (name) => `${name}_temp_path ${join(folder, name)};`,
    );
    const conf = join(folder, "nginx.conf");
    const start = `daemon off; pid ${join(folder, "pid")}; error_log ${join(folder, "logs/error.log")}; events {}`;
    writeFileSync(conf, `${start}\nhttp { ${temporary.join(" ")}\n${snippet} }`);
    execFileSync("nginx", ["-t", "-p", folder, "-c", conf], { stdio: "ignore" });
    await using _proxy = await startProxy("nginx", ["-p", folder, "-c", conf], port);
    const trusted = readFileSync(ca);
    const statuses = await useAll(world, {
      ask: (path, headers = {}, body) =>
        get(
          httpsRequest({
            host: "127.0.0.1",
            port,
            path,
            ca: trusted,
            servername: "songs.example",
            method: body === undefined ? "GET" : "POST",
            headers: { host: "songs.example", ...headers },
          }),
          body,
        ),
    });
    expect(statuses).toEqual(STATUSES);
    expect(readFileSync(join(folder, "logs/songs.log"), "utf8")).toMatch(/GET 206 10\n/);
    for (const name of readdirSync(join(folder, "logs")))
      expect(readFileSync(join(folder, "logs", name), "utf8")).not.toContain(KEY);
  });

  test("Caddy: songs, ranges and records come through", async (context) => {
    context.skip(!has("caddy", "version"), "needs caddy");
    const port = await freePort();
    await using both = await served("--allowed-hosts", "songs.example");
    const { world, serve } = both;
    const file = join(world.folder, "Caddyfile");
    const snippet = readFileSync(join(DEPLOY, "Caddyfile"), "utf8")
      .replace("songs.example {", `http://songs.example:${port} {\n\tbind 127.0.0.1`)
      .replace("127.0.0.1:6464", new URL(serve.url).host);
    writeFileSync(file, `{\n\tadmin off\n}\n${snippet}`);
    await using _proxy = await startProxy("caddy", ["run", "--adapter", "caddyfile", "--config", file], port);
    const statuses = await useAll(world, {
      ask: (path, headers = {}, body) =>
        get(
          httpRequest({
            host: "127.0.0.1",
            port,
            path,
            method: body === undefined ? "GET" : "POST",
            headers: { host: `songs.example:${port}`, ...headers },
          }),
          body,
        ),
    });
    expect(statuses).toEqual(STATUSES);
  });
});
