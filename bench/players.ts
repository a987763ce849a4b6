import { readFileSync } from "node:fs";
import { join } from "node:path";
import { best, type Bench } from "./bench.ts";
import { makeBigArchive } from "./big-archive.ts";
import { boundFigure, type Figure } from "./figures.ts";
import { PROGRAM } from "./mirror.ts";
import { endNode, firstLine, startNode } from "./served.ts";

const SONGS = 100_000;
const PAGE = 500;
const ROUNDS = 5;
const KEY = "only-for-this-bench-0123456789";
const CALLS = ["getArtists", "getAlbumList2?type=newest&size=500", "getRandomSongs?size=500", "getStarred2"];

type Answer = { searchResult3: { song: unknown[] } };

/** What a player asks of a large library. */
export async function players({ folder, signal }: Bench): Promise<Figure[]> {
  const home = join(folder, "players");
  await makeBigArchive(home, SONGS, signal);
  const listen = ["--listen", "127.0.0.1:0"];
  const child = startNode([PROGRAM, "serve", "--home", home, ...listen], { PRODUCER_MIRROR_SERVE_KEY: KEY });
  try {
    const url = await firstLine(child);
    const ask = async (call: string) => {
      const login = `${call.includes("?") ? "&" : "?"}u=env&p=${KEY}&f=json`;
      const answer = await fetch(`${url}/rest/${call}${login}`, { signal });
      return ((await answer.json()) as { "subsonic-response": Answer })["subsonic-response"];
    };
    const first = await time(() => ask("getArtists"));
    const figures = [boundFigure("first answer", "ms", first, 2000)];
    for (const call of CALLS) figures.push(boundFigure(call, "ms", await bestOf(() => ask(call)), 100));
    let songs = 0;
    const all = await time(async () => {
      for (let found = PAGE; found === PAGE; songs += found)
        found = (await ask(`search3?query=&songCount=${PAGE}&songOffset=${songs}`)).searchResult3.song.length;
    });
    figures.push(boundFigure(`search3 of ${songs} songs, each 1,000`, "ms", all / (songs / 1000), 200));
    const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
    const megabytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
    return [...figures, boundFigure("memory of serve", "MB", megabytes, 512)];
  } finally {
    await endNode(child);
  }
}

async function bestOf(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) times.push(await time(work));
  return best(times);
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
