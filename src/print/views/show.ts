import { safeLine, safeText } from "../../lib/text/terminal-safe.ts";
import { clockTime } from "../../lib/time/durations.ts";
import type { Relative } from "../../query/lineage/lineage.ts";
import type { ShownClip, ShownFile, ShownTask } from "../../query/explain/show.ts";
import { stateWord } from "./state-word.ts";
import { bytesText } from "../output/numbers.ts";

/** Shown below the fields, in paragraphs of their own. */
const LONG = ["prompt", "lyric", "lyricPrompt", "sound", "style", "styleNegative"];
const LISTS = [
  "kind",
  "shownState",
  "files",
  "tasks",
  "clips",
  "documents",
  "tracking",
  "madeFrom",
  "madeInto",
  ...LONG,
];

/** Keys and values in two columns, then files, clips, versions, then the long texts. Empty fields are left out. */
export function showReport(shown: ShownTask | ShownClip): string[] {
  const fields = Object.entries(shown).filter(([name]) => !LISTS.includes(name));
  const tracking = shown.kind === "task" ? trackingFields(shown) : [];
  return [
    ...aligned([
      [shown.kind, shown.id],
      ...fields.filter(([name]) => name !== "id").map((pair) => readable(pair, shown)),
      ...tracking,
    ]),
    ...section("files", shown.files.map(fileLine)),
    ...(shown.kind === "clip" ? clipSections(shown) : taskSections(shown)),
    ...LONG.flatMap((name) => paragraph(name, shown[name])),
  ];
}

/** Relatives that are listed. */
const SHOWN = 10;

type Pair = [name: string, value: unknown];

/** `durationSeconds` as `duration 2:15`, `createdAt` as `created`. */
function readable([name, value]: Pair, shown: ShownTask | ShownClip): Pair {
  if (name === "state") return [name, shown.kind === "task" ? shown.shownState : stateWord(String(value))];
  if (name === "durationSeconds" && typeof value === "number") return ["duration", `${clockTime(value)} (${value} s)`];
  return [words(name.replace(/At$/, "")), Array.isArray(value) ? value.join(", ") : value];
}

function words(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function aligned(pairs: Pair[]): string[] {
  const present = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  const width = Math.max(...present.map(([name]) => name.length)) + 2;
  return present.map(([name, value]) => `${name.padEnd(width)}${safeLine(String(value))}`);
}

function trackingFields({ tracking }: ShownTask): Pair[] {
  return Object.entries(tracking ?? {})
    .filter(([name]) => !["state", "service"].includes(name))
    .map(([name, value]): Pair => [`tracking: ${words(name.replace(/At$/, ""))}`, value]);
}

function clipSections({ tasks, madeFrom, madeInto }: ShownClip): string[] {
  return [
    ...section(
      "in tasks",
      tasks.map(({ taskId, position }) => `${taskId} at ${position}`),
    ),
    ...section("made from", few(madeFrom.map(relativeLine))),
    ...section("made into", few(madeInto.map(relativeLine))),
  ];
}

function relativeLine({ id, title, action, role }: Relative): string {
  return `${id}  ${action ?? "unknown"}${role === "swap" ? ", swapped in" : ""}  ${title ?? ""}`.trimEnd();
}

function few(lines: string[]): string[] {
  const more = lines.length - SHOWN;
  return more > 0 ? [...lines.slice(0, SHOWN), `and ${more} more: see \`producer-mirror lineage\``] : lines;
}

function taskSections({ clips, documents }: ShownTask): string[] {
  return [
    ...section(
      "clips",
      clips.map(
        (clip) => `${clip.id}  ${stateWord(clip.state)}  ${clockTime(clip.durationSeconds)}  ${clip.title ?? ""}`,
      ),
    ),
    ...section(
      "documents",
      documents.map(
        (one) => `${one.version}  ${one.kind}  ${one.fetchedAt}  sha256 ${one.sha256}${one.current ? "  current" : ""}`,
      ),
    ),
  ];
}

function fileLine({ kind, state, path, bytes, url, lastError, httpStatus }: ShownFile): string {
  if (state === "stored") return `${kind}  ${bytesText(bytes ?? 0)}  ${path}`;
  const why = [httpStatus, lastError].filter((part) => typeof part === "number" || typeof part === "string").join(" ");
  return `${kind}  ${state}${why ? ` (${why})` : ""}  ${url}`;
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ["", title, ...lines.map((line) => `  ${safeLine(line)}`)];
}

function paragraph(name: string, text: unknown): string[] {
  return typeof text === "string" && text.trim()
    ? [
        "",
        words(name),
        ...safeText(text)
          .split("\n")
          .map((line) => `  ${line}`),
      ]
    : [];
}
