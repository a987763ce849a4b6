import { readSchema, type Column, type Index, type Schema, type Table } from "./read-schema.ts";

const BEGIN = "<!-- begin of what tools/make-schema-page.ts writes -->";
const END = "<!-- end of what tools/make-schema-page.ts writes -->";

/** Relations that are no foreign keys, since the other row need not be there. */
const LOOSE = [
  ["tracked_tasks", "|o--o|", "tasks", "task_id"],
  ["clips", "|o--o{", "tasks", "reference_audio_id"],
  ["assets", "}o--o{", "copies", "sha256"],
] as const;

/** docs/schema.md with its tables as they are now: what a person wrote around them stays. Throws when nothing marks where they go. */
export function withSchema(page: string, root: string): string {
  const [before, after] = [page.split(BEGIN)[0], page.split(END)[1]];
  if (!page.includes(BEGIN) || after === undefined) throw new Error(`docs/schema.md has no "${BEGIN}" … "${END}"`);
  return `${before}${BEGIN}\n\n${render(readSchema(root))}\n\n${END}${after}`;
}

function render(schema: Schema): string {
  const nameless = schema.tables.flatMap((table) =>
    table.columns.filter(({ about }) => about === "").map(({ name }) => `${table.name}.${name}`),
  );
  if (nameless.length > 0) throw new Error(`src/db/schema.ts does not say what these are: ${nameless.join(", ")}`);
  return [
    "## How the tables belong together",
    diagram(schema),
    "Dotted: no foreign key, since the other row need not be there. Keys and foreign keys alone are drawn.",
    "## Tables",
    ...schema.tables.map(tablePart),
    "## Views",
    ...schema.views.map(({ name, about, columns }) => `### ${name}\n\n${about}\n\nColumns: ${list(columns)}.`),
    "## Full text",
    ...schema.fullText.map(
      ({ name, columns }) =>
        `### ${name}\n\nAn FTS5 index over ${list(columns)} of \`clips\`; its \`rowid\` is \`clips.rowid_key\`.`,
    ),
  ].join("\n\n");
}

function tablePart({ name, about, columns, indexes, references }: Table): string {
  const to = new Map(references.map(({ column, table, to: other }) => [column, `\`${table}.${other}\``]));
  return [
    `### ${name}`,
    about,
    [
      "| column | type | null | default | meaning |",
      "|---|---|---|---|---|",
      ...columns.map((one) => columnRow(one, to.get(one.name))),
    ].join("\n"),
    ...(indexes.length > 0 ? [`Indexes: ${indexes.map(indexText).join("; ")}.`] : []),
  ].join("\n\n");
}

function columnRow(
  { name, type, nullable, default: value, key, about }: Column,
  reference: string | undefined,
): string {
  const notes = [key ? "Key." : "", cell(about), reference ? `→ ${reference}` : ""].filter(Boolean).join(" ");
  return `| \`${name}\` | ${type} | ${nullable ? "yes" : "no"} | ${value === null ? "" : `\`${value}\``} | ${notes} |`;
}

function indexText({ name, unique, columns, where }: Index): string {
  return `\`${name}\` (${columns}${unique ? ", unique" : ""}${where ? `, where ${where}` : ""})`;
}

function diagram({ tables }: Schema): string {
  const entities = tables.map(({ name, columns, references }) => {
    const foreign = new Set(references.map(({ column }) => column));
    const drawn = columns.filter((one) => one.key || foreign.has(one.name));
    const lines = drawn.map((one) => `    ${one.type} ${one.name} ${marks(one.key, foreign.has(one.name))}`);
    return `  ${name} {\n${lines.join("\n")}\n  }`;
  });
  const strict = tables.flatMap(({ name, references }) =>
    references.map(({ column, table }) => `  ${table} ||--o{ ${name} : ${column}`),
  );
  const loose = LOOSE.map(([from, how, to, by]) => `  ${from} ${how.replace("--", "..")} ${to} : ${by}`);
  return `\`\`\`mermaid\nerDiagram\n${[...strict, ...loose, ...entities].join("\n")}\n\`\`\``;
}

function marks(key: boolean, foreign: boolean): string {
  return [key ? "PK" : "", foreign ? "FK" : ""].filter(Boolean).join(", ");
}

function list(names: string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
