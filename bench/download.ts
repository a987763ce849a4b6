import { mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { alternate, best, type Bench } from "./bench.ts";
import { absentFigure, boundFigure, ratioFigure, type Figure } from "./figures.ts";
import { isInstalled, runTimed } from "./measured.ts";
import { MOST_MB } from "./metadata.ts";
import { mirrorIn } from "./mirror.ts";
import { startProcess, type Service } from "./service.ts";

const TASKS = 300;
const AT_ONCE = 8;
const MOST = 0.7;

type Files = Service & { urls: string[] };
type Peer = { name: string; most: number | null; fetch(list: string, folder: string): [string, ...string[]] };

const PEERS: Peer[] = [
  {
    name: "aria2c",
    most: MOST,
    fetch: (list, folder) => [
      "aria2c",
      `-j${AT_ONCE}`,
      "--quiet",
      "--no-conf",
      "--file-allocation=none",
      `--input-file=${list}`,
      `--dir=${folder}`,
    ],
  },
  {
    name: "curl",
    most: null,
    fetch: (list) => ["curl", "--parallel", "--parallel-max", String(AT_ONCE), "--silent", "--fail", "--config", list],
  },
];

/** 300 songs and 300 covers: fetched, checked, digested and made durable by us, fetched and then digested by others. */
export async function download(bench: Bench): Promise<Figure[]> {
  return [...(await measure(bench, true)), ...(await measure(bench, false))];
}

async function measure(bench: Bench, hashes: boolean): Promise<Figure[]> {
  const more = hashes ? ["--hashes"] : [];
  await using files = await startProcess<Files>(bench, "bench/file-service.ts", "--tasks", String(TASKS), ...more);
  const known = mirrorIn(bench, "download-known", files);
  await known.run(["track", "-"], { input: files.ids.join("\n") });
  await known.run(["sync", "--no-assets"]);
  const mirror = mirrorIn(bench, "download", files);
  let peakMb = 0;
  const ours = async () => {
    await mirror.becomeCopyOf(known);
    const { wallMs, peakMb: mb } = await mirror.run(["sync", "--assets-only", "--concurrency", String(AT_ONCE)]);
    peakMb = Math.max(peakMb, mb);
    await mirror.remove();
    return wallMs;
  };
  const peers = PEERS.filter((peer) => isInstalled(peer.name));
  const [mine = [], ...theirs] = await alternate(
    3,
    ours,
    ...peers.map((peer) => () => fetchAndDigest(bench, peer, files.urls)),
  );
  await known.remove();
  const how = hashes ? "md5 sent" : "no hash sent";
  return [
    ...PEERS.map((peer) => {
      const name = `${files.urls.length} files, ${how} / ${peer.name} + sha256sum`;
      const times = theirs[peers.indexOf(peer)];
      return times
        ? ratioFigure(name, "s", best(mine), best(times), peer.most)
        : absentFigure(name, `${peer.name} is not installed`);
    }),
    boundFigure(`memory, ${how}`, "MB", peakMb, MOST_MB),
  ];
}

async function fetchAndDigest(bench: Bench, peer: Peer, urls: string[]): Promise<number> {
  const folder = join(bench.folder, peer.name);
  const list = join(bench.folder, `${peer.name}.txt`);
  const paths = urls.map((url) => join(folder, basename(url)));
  const forCurl = urls.map((url, index) => `url = "${url}"\noutput = "${paths[index]}"`);
  await mkdir(folder);
  await writeFile(list, (peer.name === "curl" ? forCurl : urls).join("\n"));
  const env = { PATH: process.env["PATH"] ?? "", HOME: bench.folder };
  const [file, ...args] = peer.fetch(list, folder);
  const fetching = await runTimed(file, args, { env, signal: bench.signal });
  const digesting = await runTimed("sha256sum", paths, { env, signal: bench.signal });
  await rm(folder, { recursive: true });
  return fetching + digesting;
}
