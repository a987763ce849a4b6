import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** OpenStack Swift with its S3 API on loopback: a real object store with real signatures, small enough for a test. */
export type ObjectStore = AsyncDisposable & {
  /** S3, path style, region us-east-1. */
  endpoint: string;
  accessKey: string;
  secretKey: string;
  /** Swift's own first protocol version, with the same user and key. */
  authUrl: string;
};

const PROGRAMS = [
  "swift-ring-builder",
  "swift-proxy-server",
  "swift-account-server",
  "swift-container-server",
  "swift-object-server",
  "memcached",
];
const RINGS = ["account", "container", "object"] as const;
const USER = { name: "test:tester", key: "testing" };

/** What is missing on this machine; empty when the store can be started. */
export function missingForObjectStore(): string[] {
  const absent = PROGRAMS.filter((program) => spawnSync("which", [program]).status !== 0);
  return process.getuid?.() === 0 ? absent : [...absent, "root"];
}

const TRIES = 3;

/** Starts in about four seconds, empty; disposing stops its servers and removes their files. */
export async function startObjectStore(): Promise<ObjectStore> {
  for (let left = TRIES - 1; ; left--) {
    try {
      return await startServers();
    } catch (error) {
      // Another program may have taken a port that was free a moment ago: Swift waits 30 s for it.
      if (left === 0) throw error;
    }
  }
}

async function startServers(): Promise<ObjectStore> {
  const folder = mkdtempSync(join(tmpdir(), "mirror-store-"));
  const [account = 0, container = 0, object = 0, proxy = 0, cache = 0] = await freePorts(5);
  const ports = { account, container, object };
  mkdirSync(join(folder, "devices/d1"), { recursive: true });
  writeFileSync(join(folder, "swift.conf"), SWIFT_CONF);
  for (const ring of RINGS) makeRing(folder, ring, ports[ring]);
  for (const ring of RINGS) writeFileSync(join(folder, `${ring}.conf`), backConf(folder, ring, ports[ring]));
  writeFileSync(join(folder, "proxy.conf"), proxyConf(folder, proxy, cache));
  const children = [
    spawn("memcached", ["-l", "127.0.0.1", "-p", String(cache), "-u", "nobody"], { stdio: "ignore" }),
    ...[...RINGS, "proxy"].map((name) =>
      spawn(`swift-${name}-server`, [join(folder, `${name}.conf`)], { stdio: "ignore" }),
    ),
  ];
  const endpoint = `http://127.0.0.1:${proxy}`;
  const store = {
    endpoint,
    accessKey: USER.name,
    secretKey: USER.key,
    authUrl: `${endpoint}/auth/v1.0`,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(children.map(end));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await isReady(store, children);
    return store;
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }
}

const SWIFT_CONF = `[swift-hash]
swift_hash_path_suffix = mirror
swift_hash_path_prefix = test
[storage-policy:0]
name = gold
default = yes
`;

function makeRing(folder: string, name: string, port: number): void {
  const builder = join(folder, `${name}.builder`);
  for (const words of [["create", "4", "1", "1"], ["add", `r1z1-127.0.0.1:${port}/d1`, "1"], ["rebalance"]])
    execFileSync("swift-ring-builder", [builder, ...words], { stdio: "ignore" });
}

function common(folder: string, port: number): string {
  return `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
user = root
swift_dir = ${folder}
devices = ${folder}/devices
mount_check = false
workers = 0
log_level = WARNING
fallocate_reserve = 0
`;
}

function backConf(folder: string, name: string, port: number): string {
  return `${common(folder, port)}[pipeline:main]
pipeline = ${name}-server
[app:${name}-server]
use = egg:swift#${name}
`;
}

/** Filters without settings are listed by name. */
function proxyConf(folder: string, port: number, cache: number): string {
  const plain = ["catch_errors", "listing_formats", "bulk", "slo", "dlo", "copy"];
  return `${common(folder, port)}[pipeline:main]
pipeline = catch_errors proxy-logging cache listing_formats bulk s3api tempauth slo dlo copy proxy-logging proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:proxy-logging]
use = egg:swift#proxy_logging
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:${cache}
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = ${USER.key} .admin
${plain.map((name) => `[filter:${name}]\nuse = egg:swift#${name}\n`).join("")}`;
}

/** Below the range of the system (from 32768 on), so that no other test gets one of them in the meantime. */
async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** Waits until a container and an object can be made: then every server behind the proxy runs. */
async function isReady({ authUrl }: ObjectStore, children: ChildProcess[]): Promise<void> {
  const ended = () => children.filter(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null);
  for (let look = 0; look < 300 && ended().length === 0; look++) {
    const done = await tryOnce(authUrl).catch(() => false);
    if (done) return;
    await sleep(100);
  }
  const which = ended().map(({ spawnfile, exitCode }) => `${spawnfile} ended with ${exitCode}`);
  throw new Error(`the object store did not come up in 30 s: ${which.join(", ") || "its servers are at work"}`);
}

async function tryOnce(authUrl: string): Promise<boolean> {
  const answer = await fetch(authUrl, { headers: { "x-auth-user": USER.name, "x-auth-key": USER.key } });
  const [url, token] = [answer.headers.get("x-storage-url"), answer.headers.get("x-auth-token")];
  if (url === null || token === null) return false;
  const put = async (path: string) =>
    (await fetch(`${url}/${path}`, { method: "PUT", headers: { "x-auth-token": token } })).ok;
  return (await put("ready")) && (await put("ready/yes"));
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}
