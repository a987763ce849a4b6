import { alternate, best, type Bench } from "./bench.ts";
import { boundFigure, ratioFigure, type Figure } from "./figures.ts";
import { timeNode, type Usage } from "./measured.ts";
import { MOST_MB } from "./metadata.ts";
import { mirrorIn, PROGRAM, type Mirror } from "./mirror.ts";
import { startService } from "./service.ts";
import { storeAll } from "./store-all.ts";

const SMALL = 1000;
const LARGE = 60_000;
const ROUNDS = 10;

type Library = { mirror: Mirror; tasks: number; first: Usage; idleCpuMs: number };

const COMMANDS = [
  { words: ["search", "42", "--limit", "20"], name: "search, one hit", most: 2 },
  { words: ["search", "Lanterns", "--limit", "20"], name: "search, a ninth of all songs", most: 2 },
  { words: ["clips", "--limit", "20"], name: "clips --limit 20", most: 1.5 },
];

/** What a library of 60,000 songs costs against one of 1,000: whatever a person waits for must not grow with it. */
export async function growth(bench: Bench): Promise<Figure[]> {
  const small = await makeLibrary(bench, SMALL, 3);
  const large = await makeLibrary(bench, LARGE, 1);
  const perTask = ({ first, idleCpuMs, tasks }: Library) => (first.cpuMs - idleCpuMs) / tasks;
  const pair = `${LARGE} / ${SMALL} tasks`;
  const firsts = [
    ratioFigure(`first sync, CPU a task, ${pair}`, "ms", perTask(large), perTask(small), 1.3),
    boundFigure(`first sync of ${LARGE}, memory`, "MB", large.first.peakMb, MOST_MB),
  ];
  const idle = await measureIdle(large, small);
  return [...firsts, ...idle, ...measureCommands(bench, large, small), ...(await measureLists(large))];
}

async function makeLibrary(bench: Bench, tasks: number, rounds: number): Promise<Library> {
  await using service = await startService(bench, tasks);
  const tracked = mirrorIn(bench, `tracked-${tasks}`, service);
  await tracked.run(["track", "-"], { input: service.ids.join("\n") });
  const mirror = mirrorIn(bench, `growth-${tasks}`, service);
  const [firsts = []] = await alternate(rounds, async () => {
    await mirror.becomeCopyOf(tracked);
    return mirror.run(["sync", "--no-assets"]);
  });
  await tracked.remove();
  const first = firsts.reduce((one, other) => (other.cpuMs < one.cpuMs ? other : one));
  const [idle = []] = await alternate(3, () => mirror.run(["sync", "--no-assets"]));
  storeAll(mirror.home);
  await mirror.run(["sync", "--adopt-assets"]);
  return { mirror, tasks, first, idleCpuMs: best(idle.map((run) => run.cpuMs)) };
}

/** Nothing is asked, nothing fetched: the service has gone by then. */
async function measureIdle(large: Library, small: Library): Promise<Figure[]> {
  const [ofLarge = [], ofSmall = []] = await alternate(
    ROUNDS,
    () => large.mirror.run(["sync"]),
    () => small.mirror.run(["sync"]),
  );
  const of = (runs: Usage[], measure: "wallMs" | "cpuMs") => best(runs.map((run) => run[measure]));
  return [
    ratioFigure("idle sync, wall", "ms", of(ofLarge, "wallMs"), of(ofSmall, "wallMs"), 1.5),
    ratioFigure("idle sync, CPU", "ms", of(ofLarge, "cpuMs"), of(ofSmall, "cpuMs"), 1.5),
    boundFigure("idle sync, memory", "MB", Math.max(...ofLarge.map((run) => run.peakMb)), MOST_MB),
  ];
}

function measureCommands(bench: Bench, { mirror: large }: Library, { mirror: small }: Library): Figure[] {
  return COMMANDS.map(({ words, name, most }) => {
    const times: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      bench.signal.throwIfAborted();
      times[0].push(timeNode([PROGRAM, ...words], large.env));
      times[1].push(timeNode([PROGRAM, ...words], small.env));
    }
    return ratioFigure(name, "ms", best(times[0]), best(times[1]), most);
  });
}

/** All rows as JSON: read as they are written, however many they are. */
async function measureLists({ mirror, tasks }: Library): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const list of ["clips", "tasks"]) {
    const { peakMb } = await mirror.run([list, "--limit", "0", "--json"]);
    figures.push(boundFigure(`${list} --limit 0 --json of ${tasks}, memory`, "MB", peakMb, MOST_MB));
  }
  return figures;
}
