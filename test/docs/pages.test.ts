import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { expectCode } from "../helpers/expect-code.ts";
import { rowsOf } from "../helpers/archive-copy.ts";
import { makeWorld, type World } from "../helpers/world.ts";

vi.setConfig({ testTimeout: 120_000 });

/** The lines of a page that a person types, each as words, without the remark behind. */
function typedIn(name: string): string[][] {
  const text = readFileSync(join(import.meta.dirname, "../..", name), "utf8");
  const blocks = [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = ""]) => block);
  const lines = blocks.join("").split("\n");
  return lines.flatMap((line) => {
    const [, words] = /^producer-mirror (.*?)(?: +#.*)?$/.exec(line) ?? [];
    return words === undefined ? [] : [words.split(" ")];
  });
}

/** Types every line of a page in a world that has what the page speaks of; returns what each printed. */
async function follow(world: World, name: string, home = world.home): Promise<Record<string, string>> {
  const clip = () =>
    String(rowsOf(home, "select id from clips order by rowid_key limit 1")[0]?.["id"] ?? "").slice(0, 8);
  const printed: Record<string, string> = {};
  for (const words of typedIn(name)) {
    const args = words.map((word) =>
      word
        .replace(/^~/, world.folder)
        .replace("/mnt/disk", join(world.folder, "disk"))
        .replace("1dd08826", clip)
        .replace("9f3c1a2b-0000-4000-8000-000000000000", world.ids.at(-1) ?? ""),
    );
    const end = expectCode(await world.mirror(...args, "--home", home), 0);
    printed[words.join(" ")] = end.stdout;
  }
  return printed;
}

test("README: the first steps end with songs that are backed up and verified", async () => {
  await using world = await makeWorld({ tasks: 3, tracked: false });
  writeFileSync(join(world.folder, "my-app.log"), world.ids.map((id) => `INFO task_id=${id} done\n`).join(""));
  mkdirSync(join(world.folder, "disk"));
  const printed = await follow(world, "README.md");
  expect(Object.keys(printed)).toEqual(
    expect.arrayContaining(["sync", "backup /mnt/disk/songs", "verify --full", "backup /mnt/disk/songs --verify"]),
  );
  expect(printed["status"]).toMatch(/3 songs safe[^]*disk\/songs · seen now, made .* · all 3 songs/);
});

test("docs/new-laptop.md: the archive is back on a machine that has nothing but the backup", async () => {
  await using world = await makeWorld({ tasks: 3 });
  expectCode(await world.mirror("sync"), 0);
  expectCode(await world.mirror("backup", join(world.folder, "disk/songs")), 0);
  rmSync(world.home, { recursive: true });
  const printed = await follow(world, "docs/new-laptop.md", join(world.folder, "new-mirror"));
  expect(printed["verify --full"]).toContain("6 files checked, every byte as it was stored");
  expect(printed["status"]).toMatch(/3 songs safe[^]*disk\/songs · seen now/);
});

test("docs/troubleshooting.md: every command of it works as it is written", async () => {
  await using world = await makeWorld({ tasks: 3 });
  expectCode(await world.mirror("sync"), 0);
  expectCode(await world.mirror("backup", join(world.folder, "disk/songs")), 0);
  const printed = await follow(world, "docs/troubleshooting.md");
  expect(printed["rm 1dd08826"]).toContain("undo: `producer-mirror rm --undo ");
  expect((await world.mirror("status")).stdout).toContain("2 tracked ids · 3 tasks · 3 clips");
  expect(Object.keys(printed)).toEqual(expect.arrayContaining(["doctor", "rebuild", "sync --assets-only"]));
});
