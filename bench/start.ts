import { best, type Bench } from "./bench.ts";
import { ratioFigure, type Figure } from "./figures.ts";
import { timeNode } from "./measured.ts";
import { mirrorIn, PROGRAM } from "./mirror.ts";
import { startService } from "./service.ts";

const ROUNDS = 20;
const MOST = 3;

/** How long short commands take, against a Node that does nothing. The first round warms the compile cache. */
export async function start(bench: Bench): Promise<Figure[]> {
  await using service = await startService(bench, 1000);
  const mirror = mirrorIn(bench, "start", service);
  await mirror.run(["track", "-"], { input: service.ids.join("\n") });
  await mirror.run(["sync", "--no-assets"]);
  const commands = [["--version"], ["clips", "--limit", "20"], ["search", "Lanterns", "--limit", "20"]];
  const argv = [["-e", "0"], ...commands.map((words) => [PROGRAM, ...words])];
  const times = argv.map(() => [] as number[]);
  for (let round = 0; round <= ROUNDS; round++) {
    bench.signal.throwIfAborted();
    for (const [index, words] of argv.entries()) times[index]!.push(timeNode(words, mirror.env));
  }
  const [bare = 0, ...ours] = times.map((list) => best(list.slice(1)));
  return commands.map((words, index) => ratioFigure(`${words.join(" ")} / node -e 0`, "ms", ours[index]!, bare, MOST));
}
