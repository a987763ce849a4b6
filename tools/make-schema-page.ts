import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withSchema } from "./schema-page.ts";

/** Writes the tables of docs/schema.md again; a part of `npm run fix`. */
const root = join(import.meta.dirname, "..");
const path = join(root, "docs/schema.md");
const page = await readFile(path, "utf8");
const made = withSchema(page, root);
if (made !== page) await writeFile(path, made);
