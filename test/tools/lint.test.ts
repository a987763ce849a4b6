import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

/** Names of the rules that a file with this text breaks. */
async function lint(text: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "producer-mirror-lint-"));
  try {
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    await symlink(join(root, "tsconfig.json"), join(folder, "tsconfig.json"));
    await mkdir(join(folder, "src"));
    await writeFile(join(folder, "src/snippet.ts"), text);
    const args = ["--type-aware", "--format", "json", "-c", join(root, ".oxlintrc.json"), "src"];
    const { stdout } = await execa("oxlint", args, { cwd: folder, localDir: root, preferLocal: true, reject: false });
    return (JSON.parse(stdout) as { diagnostics: { code: string }[] }).diagnostics.map((one) => one.code);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const SAVE = `
import { drizzle } from "drizzle-orm/better-sqlite3";
import { sqliteTable, text } from "drizzle-orm/sqlite-core";
const facts = sqliteTable("facts", { key: text().primaryKey() });
export function save(): void {
  drizzle(":memory:").insert(facts).values({ key: "a" })END;
}
`;

it("finds a statement that was built and never run", async () => {
  expect(await lint(SAVE.replace("END", ""))).toEqual(["typescript(no-floating-promises)"]);
  expect(await lint(SAVE.replace("END", ".run()"))).toEqual([]);
});

it("keeps the environment to config.ts and the console to nobody", async () => {
  const rules = await lint("export const home = process.env.HOME;\nconsole.log(home);\n");
  expect(rules.sort()).toEqual(["eslint(no-console)", "node(no-process-env)"]);
});
