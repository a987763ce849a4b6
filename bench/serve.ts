import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { Agent, request, type IncomingMessage } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import autocannon from "autocannon";
import { archivePath } from "../src/db/archive-file.ts";
import { connect } from "../src/db/connection.ts";
import { uuidOf } from "../src/demo/library/ids.ts";
import { alternate, best, type Bench } from "./bench.ts";
import { makeBigArchive } from "./big-archive.ts";
import { absentFigure, boundFigure, ratioFigure, type Figure } from "./figures.ts";
import { mirrorIn, PROGRAM } from "./mirror.ts";
import { startService } from "./service.ts";

const CLIPS = 100_000;
const SONGS = 20;
/** 3 minutes at 128 kbit/s. */
const SONG_BYTES = 2_880_000;
const BYTES_PER_SECOND = 16_000;
const STARTS = 5;
const NEW_TASKS = 3000;
/** How long all is at work at once; 600 for the memory of ten minutes. */
const SECONDS = Number(process.env["BENCH_SERVE_SECONDS"] ?? 60);
const PLAYERS = 200;
const PLAYED_SECONDS = 20;
/** A player asks for so much of a song ahead. */
const AHEAD_SECONDS = 5;

const FIRST_ANSWER_MS = 500;
const FIRST_BYTE_MS = 50;
const LOOP_DELAY_MS = 30;
const MOST_MEMORY = 1.2;
/** 0.2 of nginx's throughput. */
const MOST_OF_NGINX = 5;

/** `serve` over 100,000 songs: its start, players while all else is at work, many players, its throughput, its memory. */
export async function serve(bench: Bench): Promise<Figure[]> {
  const home = join(bench.folder, "serve");
  await makeBigArchive(home, CLIPS, bench.signal);
  const songs = storeSongs(home);
  const figures = [await startFigure(home)];
  await using server = await startServe(home);
  figures.push(...(await busyFigures(bench, server, songs)));
  figures.push(await playersFigure(server, songs));
  figures.push(await nginxFigure(bench, home, server, songs));
  return figures;
}

type Song = { id: string; path: string };

/** Real bytes for some songs, spread over the library. */
function storeSongs(home: string): Song[] {
  const db = connect(archivePath(home));
  const update = db.$client.prepare("update assets set bytes = ?, sha256 = ? where clip_id = ? and kind = 'audio'");
  const path = db.$client.prepare<[string], { path: string }>(
    "select path from assets where clip_id = ? and kind = 'audio'",
  );
  const songs = Array.from({ length: SONGS }, (_, n) => {
    const id = uuidOf(`clip ${n * 4800}`);
    const file = join(home, "assets", path.get(id)?.path ?? "");
    const bytes = randomBytes(SONG_BYTES);
    mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
    writeFileSync(file, bytes);
    update.run(bytes.length, createHash("sha256").update(bytes).digest("hex"), id);
    return { id, path: file };
  });
  db.$client.close();
  return songs;
}

type Server = AsyncDisposable & { url: string; child: ChildProcess; loopDelayMs(): Promise<number> };

/** Says the 99th percentile of how late its event loop was, since it was last asked. */
const WATCH_LOOP = `data:text/javascript,import { monitorEventLoopDelay } from "node:perf_hooks";
const delay = monitorEventLoopDelay({ resolution: 5 }); delay.enable();
process.on("SIGUSR2", () => { console.error("delay " + delay.percentile(99) / 1e6); delay.reset(); });`;

async function startServe(home: string): Promise<Server> {
  const words = ["--import", WATCH_LOOP, PROGRAM, "serve", "--home", home, "--listen", "127.0.0.1:0"];
  const child = spawn(process.execPath, words, { env: {}, stdio: ["ignore", "pipe", "pipe"] });
  const errors = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
  const first = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  if (first.done) throw new Error("serve did not start");
  return {
    url: first.value,
    child,
    async loopDelayMs() {
      child.kill("SIGUSR2");
      for (;;) {
        const { value, done } = await errors.next();
        if (done) throw new Error("serve has ended");
        if (value.startsWith("delay ")) return Number(value.slice(6));
      }
    },
    async [Symbol.asyncDispose]() {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    },
  };
}

async function startFigure(home: string): Promise<Figure> {
  const times: number[] = [];
  for (let round = 0; round < STARTS; round++) {
    const began = performance.now();
    await using server = await startServe(home);
    await (await fetch(`${server.url}/api/clips?limit=20`)).arrayBuffer();
    times.push(performance.now() - began);
  }
  return boundFigure(`start to the first answer, ${CLIPS} songs`, "ms", best(times), FIRST_ANSWER_MS);
}

type Part = { start: number; bytes: number };

/** Milliseconds to the first byte, and to the last. */
async function fetchPart(base: string, { id }: Song, { start, bytes }: Part, agent: Agent): Promise<[number, number]> {
  const began = performance.now();
  const range = `bytes=${start}-${start + bytes - 1}`;
  const asked = request(`${base}/media/${id}/audio`, { agent, headers: { range } }).end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  if (answer.statusCode !== 206) throw new Error(`/media answered ${answer.statusCode}`);
  let first: number | undefined;
  for await (const _chunk of answer) first ??= performance.now() - began;
  return [first ?? 0, performance.now() - began];
}

const residentMB = ({ pid }: ChildProcess): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1000;

/** Five browse, three listen and a sync writes. */
async function busyFigures(bench: Bench, server: Server, songs: Song[]): Promise<Figure[]> {
  await using service = await startService(bench, NEW_TASKS);
  const mirror = mirrorIn(bench, "serve", service);
  await mirror.run(["track", "-"], { input: service.ids.join("\n") });
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  const end = performance.now() + SECONDS * 1000;
  const firsts: number[] = [];
  const listen = async (n: number) => {
    for (let at = 0; performance.now() < end; at = (at + 65_536) % (SONG_BYTES - 65_536)) {
      const [first] = await fetchPart(server.url, songs[n % SONGS]!, { start: at, bytes: 65_536 }, agent);
      firsts.push(first);
      await sleep(100);
    }
  };
  const browse = async (n: number) => {
    for (let turn = n; performance.now() < end; turn++) {
      const at = (turn * 700) % 9000;
      const pages = [
        `clips?limit=100&offset=${at}`,
        `search?q=lanterns&limit=50&offset=${at}`,
        `clips?sort=title&limit=100&offset=${at}`,
        `clips?stacked=true&limit=50&offset=${at}`,
        "stats",
      ];
      await (await fetch(`${server.url}/api/${pages[turn % pages.length]}`)).arrayBuffer();
      await sleep(200);
    }
  };
  for (const song of songs) await fetchPart(server.url, song, { start: 0, bytes: 1 }, agent);
  await server.loopDelayMs();
  let warm = 0;
  const sync = mirror.run(["sync", "--no-assets"]);
  await Promise.all([
    ...[0, 1, 2].map(listen),
    ...[0, 1, 2, 3, 4].map(browse),
    sleep(SECONDS * 300).then(() => (warm = residentMB(server.child))),
  ]);
  await sync;
  agent.destroy();
  firsts.sort((one, other) => one - other);
  bench.note(`${firsts.length} parts of songs, half of them within ${firsts[firsts.length >> 1]?.toFixed(1)} ms`);
  return [
    boundFigure("first byte of a song, the slowest", "ms", firsts.at(-1) ?? Infinity, FIRST_BYTE_MS),
    boundFigure("delay of the event loop, p99", "ms", await server.loopDelayMs(), LOOP_DELAY_MS),
    ratioFigure(`memory after ${SECONDS} s, against a third of it`, "MB", residentMB(server.child), warm, MOST_MEMORY),
  ];
}

/** Each asks for the next seconds when it has played half of what it has. */
async function playersFigure(server: Server, songs: Song[]): Promise<Figure> {
  const agent = new Agent({ keepAlive: true, maxSockets: PLAYERS });
  let slowest = 0;
  const play = async (n: number) => {
    await sleep((n / PLAYERS) * AHEAD_SECONDS * 1000);
    for (let second = 0; second < PLAYED_SECONDS; second += AHEAD_SECONDS) {
      const part = { start: second * BYTES_PER_SECOND, bytes: AHEAD_SECONDS * BYTES_PER_SECOND };
      const [, whole] = await fetchPart(server.url, songs[n % SONGS]!, part, agent);
      slowest = Math.max(slowest, whole);
      await sleep(Math.max(0, AHEAD_SECONDS * 1000 - whole));
    }
  };
  await Promise.all(Array.from({ length: PLAYERS }, (_, n) => play(n)));
  agent.destroy();
  return boundFigure(
    `${PLAYERS} players: the slowest ${AHEAD_SECONDS} s of a song`,
    "ms",
    slowest,
    AHEAD_SECONDS * 500,
  );
}

async function nginxFigure(bench: Bench, home: string, server: Server, songs: Song[]): Promise<Figure> {
  const name = "whole songs, each, beside nginx";
  if (spawnSync("nginx", ["-v"]).status !== 0) return absentFigure(name, "nginx is not installed");
  const free = createServer().listen(0, "127.0.0.1");
  await once(free, "listening");
  const { port } = free.address() as AddressInfo;
  free.close();
  const folder = join(bench.folder, "nginx");
  mkdirSync(folder);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (kind) => `${kind}_temp_path ${join(folder, kind)};`,
  );
  const conf = join(folder, "nginx.conf");
  // As root it would read the files as nobody.
  const user = process.getuid?.() === 0 ? "user root;" : "";
  const http = `${temporary.join(" ")} access_log off; sendfile on; server { listen 127.0.0.1:${port}; root ${home}/assets; }`;
  writeFileSync(
    conf,
    `daemon off; ${user} pid ${folder}/pid; error_log ${folder}/error.log; events {} http { ${http} }`,
  );
  const child = spawn("nginx", ["-p", folder, "-c", conf], { stdio: "ignore" });
  const gone = once(child, "exit");
  await sleep(1000);
  const measure = (urls: string[]) => async () => {
    const { requests, duration, non2xx, errors } = await autocannon({
      url: urls[0]!,
      connections: 10,
      duration: 5,
      requests: urls.map((url) => ({ method: "GET" as const, path: new URL(url).pathname, headers: {}, body: "" })),
    });
    if (non2xx + errors > 0) throw new Error(`${non2xx} refused, ${errors} failed`);
    return (duration * 1000) / requests.total;
  };
  try {
    const [ours = [], peer = []] = await alternate(
      3,
      measure(songs.map(({ id }) => `${server.url}/media/${id}/audio`)),
      measure(songs.map(({ path }) => `http://127.0.0.1:${port}${path.slice(join(home, "assets").length)}`)),
    );
    return ratioFigure(name, "ms", best(ours), best(peer), MOST_OF_NGINX);
  } finally {
    child.kill("SIGTERM");
    await gone;
  }
}
