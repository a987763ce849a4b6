import { cp, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { execa } from "execa";

/**
 * What `npm run generate` would add: the SQL that src/db/schema.ts has and migrations/ has not, or what is wrong with
 * the chain of migrations; an empty string when both agree. Works on a copy of migrations/.
 */
export async function findSchemaDrift(root: string): Promise<string> {
  const parent = join(root, "node_modules/.cache/producer-mirror");
  await mkdir(parent, { recursive: true });
  const copy = await mkdtemp(join(parent, "migrations-"));
  try {
    await cp(join(root, "migrations"), copy, { recursive: true });
    const out = `./${relative(root, copy)}`;
    const checked = await drizzleKit(root, "check", "--dialect", "sqlite", "--out", out);
    if (checked.failed) return checked.all;
    const options = ["--dialect", "sqlite", "--schema", "./src/db/schema.ts", "--out", out, "--name", "drift"];
    const generated = await drizzleKit(root, "generate", ...options);
    if (generated.failed) return generated.all;
    const added = (await readdir(copy)).find((name) => name.endsWith("_drift.sql"));
    // drizzle-kit asks a question where it sees a rename, and without a terminal it ends with 0 and no answer.
    if (added === undefined) return generated.all.includes("No schema changes") ? "" : `drizzle-kit: ${generated.all}`;
    const sql = await readFile(join(copy, added), "utf8");
    return `migrations/ lacks what src/db/schema.ts says; npm run generate -- --name <what-it-does>\n${sql}`;
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

function drizzleKit(root: string, ...args: string[]) {
  return execa("drizzle-kit", args, { cwd: root, all: true, preferLocal: true, reject: false, stdin: "ignore" });
}
