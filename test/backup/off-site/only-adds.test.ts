import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const FOLDER = join(import.meta.dirname, "../../../src/backup/off-site");

it("M148: no source has a word that makes restic or rclone remove anything", () => {
  const sources = readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => [name, readFileSync(join(FOLDER, name), "utf8")] as const);
  expect(sources.length).toBeGreaterThan(5);
  for (const [name, text] of sources) {
    const words = [...text.matchAll(/["'`](?:--)?([a-z][a-z-]*)/g)].map(([, word]) => word ?? "");
    const bad = words.filter((word) =>
      /^(sync|bisync|move|moveto|delete|deletefile|purge|rmdirs?|cleanup|dedupe|forget|prune|rewrite|recover|repair|unlock|migrate|key|delete-.*|max-delete|backup-dir|suffix)$/.test(
        word,
      ),
    );
    expect({ name, bad }).toEqual({ name, bad: [] });
  }
});
