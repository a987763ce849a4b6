import { UsageError } from "../../../lib/errors.ts";
import { cleanPart, cleanText, cutTo, LONGEST, nameBytes } from "./clean-name.ts";

/** What a template may name; a song gives each of them. */
export const PLACEHOLDERS = [
  "title",
  "model",
  "action",
  "date",
  "year",
  "month",
  "day",
  "id8",
  "root",
  "album",
  "seed",
] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];
export type Values = Record<Placeholder, string>;

export const DEFAULT_TEMPLATE = "{year}/{month}/{title} [{id8}]";

type Piece = { text: string } | { placeholder: Placeholder };
/** Folders and then the name without its ending, each in pieces. */
export type Template = Piece[][];

const MOST_FOLDERS = 8;
/** Of a part of the path, in bytes; the rest is for titles. */
const MOST_LITERAL = 100;
const HINT = `in braces there may be ${PLACEHOLDERS.join(", ")}; for example "${DEFAULT_TEMPLATE}"`;
/** Short, and what tells songs apart: never cut. */
const WHOLE = new Set<Placeholder>(["date", "year", "month", "day", "id8"]);

/** Reads `--template`. Throws UsageError that names what it cannot take. */
export function parseTemplate(text: string): Template {
  const parts = text.split("/");
  if (parts.some((part) => /^\s*\.*\s*$/.test(part)))
    throw bad(`--template "${text}" has an empty part, or one that leads out of the folder`);
  if (parts.length > MOST_FOLDERS + 1) throw bad(`--template has more than ${MOST_FOLDERS} folders`);
  const template = parts.map(parsePart);
  if (template.some((part) => nameBytes(literal(part)) > MOST_LITERAL))
    throw bad(`--template has more than ${MOST_LITERAL} bytes of its own in one part`);
  return template;
}

function parsePart(part: string): Piece[] {
  return part
    .split(/(\{[^{}]*\})/)
    .filter((piece) => piece !== "")
    .map((piece) => {
      const name = /^\{([^{}]*)\}$/.exec(piece)?.[1];
      if (name === undefined && /[{}]/.test(piece))
        throw bad(`--template has a brace without its other one: "${part}"`);
      if (name === undefined) return { text: piece };
      const placeholder = PLACEHOLDERS.find((one) => one === name.trim());
      if (placeholder === undefined) throw bad(`--template knows no {${name}}`);
      return { placeholder };
    });
}

function literal(part: Piece[]): string {
  return part.map((piece) => ("text" in piece ? piece.text : "")).join("");
}

function bad(message: string): UsageError {
  return new UsageError(message, { code: "bad_template", hint: HINT });
}

/**
 * What gives each song its folders and name, each fit for every file system and at most `LONGEST` bytes; the longest
 * texts are cut first. It remembers folders: they are few.
 */
export function templateFiller(template: Template): (values: Values) => string[] {
  const folders = template.slice(0, -1).map((part) => ({ part, known: new Map<string, string>() }));
  const name = template.at(-1) ?? [];
  return (values) => [
    ...folders.map(({ part, known }) => {
      const texts = textsOf(part, values);
      const key = texts.join("\0");
      const folder = known.get(key) ?? fillPart(part, texts);
      known.set(key, folder);
      return folder;
    }),
    fillPart(name, textsOf(name, values)),
  ];
}

function textsOf(part: Piece[], values: Values): string[] {
  return part.map((piece) => ("text" in piece ? piece.text : values[piece.placeholder]));
}

function fillPart(part: Piece[], raw: string[]): string {
  const texts = raw.map(cleanText);
  const mayCut = part.map((piece) => "placeholder" in piece && !WHOLE.has(piece.placeholder));
  // One more byte, for the mark that a name of a device gets.
  for (let over = excess(texts); over > 0; over = excess(texts)) {
    const longest = texts.reduce(
      (best, text, at) => (mayCut[at] && (best < 0 || text.length > (texts[best] ?? "").length) ? at : best),
      -1,
    );
    const text = texts[longest];
    if (text === undefined || text === "") break;
    texts[longest] = cutTo(text, Math.max(0, nameBytes(text) - over));
  }
  return cutTo(cleanPart(texts.join("")), LONGEST);
}

function excess(texts: string[]): number {
  return nameBytes(texts.join("")) + 1 - LONGEST;
}
