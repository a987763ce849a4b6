import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { ask } from "./ask.ts";
import type { Bench, Section } from "./bench.ts";
import { database } from "./database.ts";
import { download } from "./download.ts";
import { exportSongs } from "./export.ts";
import { printFigures } from "./figures.ts";
import { growth } from "./growth.ts";
import { metadata } from "./metadata.ts";
import { players } from "./players.ts";
import { replay } from "./replay.ts";
import { serve } from "./serve.ts";
import { start } from "./start.ts";

/** `node bench/run.ts [section…]`: measures dist/ and ends with 1 when a target does not hold. See README.md. */
const SECTIONS: Record<string, Section> = {
  metadata,
  download,
  start,
  growth,
  database,
  ask,
  export: exportSongs,
  replay,
  serve,
  players,
};

process.exitCode = await main(process.argv.slice(2));

async function main(names: string[]): Promise<number> {
  const unknown = names.filter((name) => SECTIONS[name] === undefined);
  if (unknown.length > 0) {
    console.error(`no section ${unknown.join(", ")}; there are ${Object.keys(SECTIONS).join(", ")}`);
    return 2;
  }
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort(new Error(name)));
  const folder = await mkdtemp(join(tmpdir(), "mirror-bench-"));
  const bench: Bench = { folder, signal: stop.signal, note: (line) => console.log(`  ${line}`) };
  try {
    return (await runSections(names.length > 0 ? names : Object.keys(SECTIONS), bench)) ? 0 : 1;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return 130;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runSections(names: string[], bench: Bench): Promise<boolean> {
  let allHold = true;
  for (const name of names) {
    console.log(`\n${name} (load ${loadavg()[0]?.toFixed(1)})`);
    const figures = await SECTIONS[name]!(bench);
    printFigures(figures);
    allHold &&= figures.every((figure) => figure.holds !== false);
  }
  return allHold;
}
