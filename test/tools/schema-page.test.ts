import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readSchema } from "../../tools/read-schema.ts";
import { readSchemaComments } from "../../tools/schema-comments.ts";
import { withSchema } from "../../tools/schema-page.ts";

const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/schema.md"), "utf8");
const schema = readSchema(root);

describe("docs/schema.md", () => {
  test("is in step with the schema", () => {
    expect(withSchema(page, root), "npm run fix writes it again").toBe(page);
  });

  test("keeps what was written around the tables, and marks where they go", () => {
    const [before = "", after = ""] = page.split(/\n## How the tables[^]*<!-- end/);
    const stripped = `${before}\n<!-- end${after}more\n`;
    expect(withSchema(stripped, root)).toBe(`${page}more\n`);
    expect(() => withSchema("# nothing", root)).toThrow("docs/schema.md has no");
  });

  test("knows every table of the database, and none that is not there", () => {
    const listed = [...page.matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
    const all = [...schema.tables, ...schema.views, ...schema.fullText].map(({ name }) => name);
    expect(listed).toEqual(all);
    expect(all).toEqual(expect.arrayContaining(["archive_info", "tracked_tasks", "clips", "songs", "clips_fts"]));
  });

  test("tells types, keys, defaults, references and indexes as SQLite has them", () => {
    const assets = schema.tables.find(({ name }) => name === "assets");
    const column = (name: string) => assets?.columns.find((one) => one.name === name);
    expect(column("state")).toMatchObject({ type: "TEXT", nullable: false, default: "'wanted'", key: false });
    expect(column("duration_seconds")).toMatchObject({ type: "REAL", nullable: true, default: null });
    expect(column("id")).toMatchObject({ type: "INTEGER", key: true, nullable: false });
    expect(assets?.references).toContainEqual({ column: "clip_id", table: "clips", to: "id" });
    expect(assets?.indexes).toContainEqual({
      name: "assets_clip_kind",
      unique: true,
      columns: "clip_id, kind",
      where: "clip_id is not null",
    });
    expect(schema.views.find(({ name }) => name === "songs")?.about).toMatch(/^Songs as a person thinks of them/);
  });

  test("takes the meanings from the comments, by the names that SQL has", () => {
    const source = `
      /** Things
       * we keep. */
      export const myThings = sqliteTable("things", {
        /** Its name. */
        plainName: text("plain_name").notNull().references(() => other.id),
        id: integer().primaryKey({ autoIncrement: true }),
      });
      export type Row = typeof myThings.$inferSelect;`;
    expect([...readSchemaComments(source)]).toEqual([
      ["things", { about: "Things we keep.", columns: { plain_name: "Its name.", id: "" } }],
    ]);
    const meanings = schema.tables.flatMap(({ columns }) => columns.map(({ about }) => about));
    expect(meanings.length).toBeGreaterThan(140);
    expect(meanings.filter((about) => about.length < 5)).toEqual([]);
  });
});
