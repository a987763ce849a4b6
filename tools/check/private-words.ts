import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Words that meant something only here once, each with what the field says instead. Identifiers, comments, messages,
 * test titles and documents are written without them, so that a reader needs no glossary.
 */
const PRIVATE: { word: RegExp; instead: string }[] = [
  {
    word: /(?<!\b(?:in|in its|in their|in the|takes?|first)[ -])\bplaces?\b/i,
    instead: "path, location, folder, position or copy",
  },
  {
    word: /(?<!\b\w*In|replace\w*)Places?\b|\bplaces?(?!Section|holder)[A-Z]/,
    instead: "path, location, folder, position or copy",
  },
  { word: /\b(?:un)?told\b|\b(?:un)?told[A-Z]|[a-z](?:Un)?[tT]old\b/, instead: "reported, recorded, listed" },
  { word: /\bsaid\b|\bsaid[A-Z]|[a-z]Said\b/, instead: "reported, printed, logged" },
  { word: /\bmend(?:s|ed|ing)?\b|\bmend[A-Z]|[a-z]Mend/, instead: "repair, fix" },
  { word: /\bpour(?:s|ed|ing)?\b|\bpour[A-Z]|[a-z]Pour/, instead: "copy, pump, stream" },
  { word: /\bsettles?\b|\bsettle[A-Z]|[a-z]Settle\b/, instead: "flush, finish, record (a task may be settled)" },
  { word: /\btak(?:es?|en|ing) out\b|\btook out\b|takenOut|TakenOut|taken-out/, instead: "remove" },
  {
    word: /\b(?:put|puts|putting|set|laid|lay|lies|kept) aside\b|[aA]side[A-Z]|[a-z]Aside\b/,
    instead: "quarantine, move aside",
  },
  { word: /\b(?:stands?|stood|standing)\b(?!-in|[ -]alone| for\b)/, instead: "is, lies, remains" },
  { word: /\bh(?:o?ld|olds|eld|olding)\b[^.;]{0,40}\bagainst\b/, instead: "compare with" },
  { word: /\bowner (?:takes|took|removes|removed)\b/, instead: "you removed, the user removed" },
  { word: /\bkept-(?:files|queries)|\bkept(?:Files|Queries)/, instead: "saved, archived" },
  { word: /\binto force\b|\bin force\b/, instead: "becomes the current version" },
  { word: /\banew\b/, instead: "again, from scratch" },
  { word: /\bnarrow(?:s|ed|ing)\b|\bnarrow[A-Z-]|Narrow(?![a-z])/, instead: "filter" },
  { word: /\bown-conditions\b|\bownConditions\b/, instead: "clip conditions" },
];

const FILES = ["{src,test,tools,bench}/**/*.ts", "src/**/*.sql", "*.md", "{src,docs,data,bench}/**/*.md"];
/** The journal on the disk has a field of this name. */
const JOURNAL_FIELD = /"stands":false|\bstands(\?)?: false|\{ stands \}|\bstands !== false/g;
/** This list itself, data of others, and what past versions were. */
const NOT_OURS = /^(tools\/check\/private-words\.ts|test\/fixtures\/|CHANGELOG\.md)/;

/** One line for each private word that came back: where, which, and what to write instead. */
export async function findPrivateWords(root: string): Promise<string[]> {
  const paths: string[] = [];
  for (const pattern of FILES) for await (const path of glob(pattern, { cwd: root })) paths.push(path);
  const found: string[] = [];
  for (const path of new Set(paths.filter((one) => !NOT_OURS.test(one)).toSorted())) {
    const lines = (await readFile(join(root, path), "utf8")).split("\n");
    for (const [index, line] of lines.entries())
      for (const { word, instead } of PRIVATE) {
        const [hit] = word.exec(line.replaceAll(JOURNAL_FIELD, "")) ?? [];
        if (hit !== undefined) found.push(`${path}:${index + 1}: "${hit}" is a private word; write ${instead}`);
      }
  }
  return found;
}
