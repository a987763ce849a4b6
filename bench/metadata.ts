import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { alternate, best, type Bench } from "./bench.ts";
import { boundFigure, ratioFigure, type Figure } from "./figures.ts";
import { runNode } from "./measured.ts";
import { mirrorIn } from "./mirror.ts";
import { startService } from "./service.ts";

const TASKS = 10_000;
const MOST = 3;
export const MOST_MB = 256;

/** The first sync of 10,000 records without their files, against a script that does no more than keep them. */
export async function metadata(bench: Bench): Promise<Figure[]> {
  await using service = await startService(bench, TASKS);
  const idFile = join(bench.folder, "ids.txt");
  await writeFile(idFile, service.ids.join("\n"));
  const fresh = mirrorIn(bench, "metadata-fresh", service);
  await fresh.run(["track", "--file", idFile]);
  const mirror = mirrorIn(bench, "metadata", service);
  const floor = join(import.meta.dirname, "floor-metadata.ts");
  const [floors = [], ours = []] = await alternate(
    3,
    (round) => runNode(floor, [service.url, idFile, join(bench.folder, `floor-${round}.db`)], bench),
    async () => {
      await mirror.becomeCopyOf(fresh);
      return mirror.run(["sync", "--no-assets", "--json"]);
    },
  );
  const cpu = (runs: typeof ours) => best(runs.map((run) => run.cpuMs));
  const wall = (runs: typeof ours) => best(runs.map((run) => run.wallMs));
  return [
    ratioFigure(`CPU of ${TASKS} tasks / floor`, "s", cpu(ours), cpu(floors), MOST),
    ratioFigure("the same, wall", "s", wall(ours), wall(floors), null),
    boundFigure("memory", "MB", Math.max(...ours.map((run) => run.peakMb)), MOST_MB),
  ];
}
