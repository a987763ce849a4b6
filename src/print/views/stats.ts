import type { Statistics } from "../../query/stats/statistics.ts";
import type { Share } from "../../query/stats/clips.ts";
import type { KindFigures } from "../../query/stats/files.ts";
import type { Repeats } from "../../query/stats/repeats.ts";
import type { Latency, TaskFigures } from "../../query/stats/tasks.ts";
import type { Group, Totals } from "../../query/stats/breakdown.ts";
import { bytesText, countOf, countText, playingTime } from "../output/numbers.ts";
import type { Output } from "../output/output.ts";
import type { Format } from "../output/rows.ts";
import type { Column } from "../output/table.ts";

type Grouped = { timezone: string; totals: Totals; by: Record<string, (Share | Group)[]> };

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
const LEVELS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const BAR_WIDTH = 20;

/** Months that are shown; `--by month` and JSON have all. */
const MONTHS = 24;

/** The report for a person: totals, success, models and actions, times, and disk space. */
export async function printStats(output: Output, home: string, stats: Statistics): Promise<void> {
  head(output, home, stats);
  outcome(output, stats.tasks);
  const print = async <Row extends object>(rows: Row[], columns: Column<Row>[]) => {
    if (rows.length > 0) output.print("");
    await output.rows("table", rows, { fields: [], columns });
  };
  const live = output.isInteractive;
  await print(stats.tasks.errors, [
    { title: "error", text: ({ code }) => code ?? "without a code", overflow: "shrink" },
    { title: "tasks", text: ({ tasks }) => countText(tasks), align: "right" },
    ...chart(live, stats.tasks.errors, ({ tasks }) => tasks),
  ]);
  await print(latencyRows(stats.tasks), [
    { title: "seconds", text: ({ name }) => name },
    ...(["p50", "p90", "p95", "p99", "max"] as const).map((name): Column<Latency & { name: string }> => ({
      title: name,
      text: (row) => row[name].toFixed(1),
      align: "right",
    })),
    { title: "tasks", text: ({ count }) => countText(count), align: "right" },
  ]);
  for (const word of ["model", "action", "state"] as const)
    await print(stats.by[word], shares(word, stats.by[word], live));
  const months = stats.by.month.slice(-MONTHS);
  const mixes = new Map(stats.mix.map((mix) => [mix.month, mix]));
  await print(months, [
    ...shares("month", months, live),
    { title: "models", text: ({ key }) => mixText(mixes.get(key)?.models ?? []), overflow: "shrink" },
    { title: "actions", text: ({ key }) => mixText(mixes.get(key)?.actions ?? []), overflow: "shrink" },
  ]);
  hours(output, stats);
  await print(
    stats.storage.kinds,
    files("kind", ({ kind }) => kind, stats.storage.kinds, live),
  );
  const stored = stats.storage.months ?? [];
  await print(
    stored,
    files("stored in", ({ month, kind }) => `${month ?? "unknown"} ${kind}`, stored, live),
  );
  await printRepeats(print, stats.repeats);
}

/** Breakdowns alone: a table each, or one list of rows. */
export async function printGroups(output: Output, format: Format, home: string, stats: Grouped): Promise<void> {
  const rows = Object.entries(stats.by).flatMap(([by, groups]) => groups.map((group) => ({ by, ...group })));
  const hasFiles = rows.some((row) => "files" in row);
  const fields = ["by", "key", "clips", "minutes", ...(hasFiles || rows.length === 0 ? ["files", "bytes"] : [])];
  if (format !== "table") return output.rows(format, rows, { fields, columns: [] });
  head(output, home, stats);
  for (const [by, groups] of Object.entries(stats.by) as [string, Group[]][]) {
    if (groups.length > 0) output.print("");
    const columns: Column<Group>[] = [
      ...shares(by, groups, output.isInteractive),
      { title: "files", text: (group) => countText(group.files), align: "right" },
      { title: "size", text: (group) => bytesText(group.bytes), align: "right" },
    ];
    await output.rows("table", groups, { fields, columns });
  }
}

function head(output: Output, home: string, { totals: all, timezone }: { totals: Totals; timezone: string }): void {
  const { firstCreatedAt: first, lastCreatedAt: last } = all;
  output.print(home);
  output.print(
    `${countOf(all.tasks, "task")} · ${countOf(all.clips, "clip")} · ${playingTime(all.minutes * 60)} of music · ${countOf(all.files, "file")}, ${bytesText(all.bytes)}`,
  );
  if (first && last) output.print(`created ${first} to ${last}`);
  output.print(`days and hours in ${timezone}`);
}

function outcome(output: Output, { succeeded, partial, failed, pending, successRate }: TaskFigures): void {
  const ended = succeeded + partial + failed;
  if (ended + pending === 0) return;
  const percent = (successRate * 100).toFixed(1).replace(/\.0$/, "");
  output.print(
    `${countText(succeeded)} of ${countOf(ended, "ended task")} succeeded (${percent}%) · ${countText(partial)} partial · ${countText(failed)} failed · ${countText(pending)} running`,
  );
}

function latencyRows({ latency }: TaskFigures): (Latency & { name: string })[] {
  const names = { waiting: "waiting", processing: "processing", whole: "both together" } as const;
  return (Object.keys(names) as (keyof typeof names)[])
    .map((key) => ({ name: names[key], ...latency[key] }))
    .filter(({ count }) => count > 0);
}

function shares<Row extends Share>(title: string, rows: Row[], live: boolean): Column<Row>[] {
  return [
    { title, text: ({ key }) => key ?? "unknown", overflow: "shrink" },
    { title: "clips", text: ({ clips }) => countText(clips), align: "right" },
    { title: "music", text: ({ minutes }) => playingTime(minutes * 60), align: "right" },
    ...chart(live, rows, ({ clips }) => clips),
  ];
}

function files<Row extends KindFigures>(
  title: string,
  name: (row: Row) => string,
  rows: Row[],
  live: boolean,
): Column<Row>[] {
  return [
    { title, text: name },
    { title: "files", text: (row) => countText(row.files), align: "right" },
    { title: "size", text: ({ bytes }) => bytesText(bytes), align: "right" },
    ...chart(live, rows, ({ bytes }) => bytes),
  ];
}

/** A bar in each row, on a terminal. */
function chart<Row>(live: boolean, rows: Row[], valueOf: (row: Row) => number): Column<Row>[] {
  if (!live) return [];
  const most = rows.reduce((so, row) => Math.max(so, valueOf(row)), 0);
  return [{ title: "", text: (row) => bar(valueOf(row), most), overflow: "drop" }];
}

/** `FUZZ-2.0 60%, FUZZ-2.0 Pro 40%` */
function mixText(some: Share[]): string {
  const all = some.reduce((sum, { clips }) => sum + clips, 0);
  return some.map(({ key, clips }) => `${key ?? "unknown"} ${Math.round((clips / all) * 100)}%`).join(", ");
}

function hours(output: Output, { hours: each, timezone }: Statistics): void {
  const most = each.toSorted((one, other) => other.clips - one.clips)[0];
  if (!most || most.clips === 0) return;
  const line = output.isInteractive ? `  0 ${sparkline(each.map(({ clips }) => clips))} 23` : "";
  output.print(`\nhours of the day (${timezone})${line}`);
  output.print(
    `most songs were made from ${most.hour}:00 to ${most.hour}:59 (${countText(most.clips)}); \`--by hour\` shows each`,
  );
}

type Print = <Row extends object>(rows: Row[], columns: Column<Row>[]) => Promise<void>;

async function printRepeats(print: Print, repeats: Repeats | undefined): Promise<void> {
  if (!repeats) return;
  await print(repeats.seeds, [
    { title: "seed used again", text: ({ seed }) => seed },
    { title: "clips", text: ({ clips }) => countText(clips), align: "right" },
    { title: "one of them", text: ({ example }) => example },
  ]);
  await print(repeats.prompts, [
    { title: "prompt used again", text: ({ prompt }) => prompt, overflow: "shrink" },
    { title: "tasks", text: ({ tasks }) => countText(tasks), align: "right" },
  ]);
  await print(repeats.audio, [
    { title: "same sound", text: ({ sha256 }) => sha256.slice(0, 16) },
    { title: "clips", text: ({ clips }) => countText(clips), align: "right" },
    { title: "ids", text: ({ clipIds }) => clipIds.map((id) => id.slice(0, 8)).join(" "), overflow: "shrink" },
  ]);
}

/** A bar of at most 20 columns, as long as `value` is to `most`; never nothing for something. */
export function bar(value: number, most: number): string {
  if (!(value > 0) || !(most > 0)) return "";
  const eighths = Math.max(1, Math.round((Math.min(value, most) / most) * BAR_WIDTH * 8));
  return "█".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}

/** One column a value: `▁▂█`; a blank for nothing. */
export function sparkline(values: number[]): string {
  const most = Math.max(0, ...values);
  return values
    .map((value) => (value > 0 ? (LEVELS[Math.ceil((value / most) * LEVELS.length) - 1] ?? "█") : " "))
    .join("");
}
