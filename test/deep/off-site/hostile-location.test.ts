import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { digestTree, sha256 } from "../../helpers/folder-tree.ts";
import { makeWorld, type World } from "../../helpers/world.ts";
import { has } from "../../helpers/needs.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** A remote that somebody else could write to. */
let world: World;
let remote: string;
let outside: string;
let home: string;
let song: string;

beforeAll(async () => {
  world = await makeWorld({ tasks: 1 });
  [remote, outside, home] = [join(world.folder, "remote"), join(world.folder, "outside"), join(world.folder, "fresh")];
  expectCode(await world.mirror("sync"), 0);
  song = `assets/${String(rowsOf(world.home, "select path from assets where kind = 'audio'")[0]?.["path"])}`;
});
afterAll(() => world[Symbol.asyncDispose]());
afterEach(() => [remote, outside, home].forEach((folder) => rmSync(folder, { recursive: true, force: true })));

const inSnapshot = (name: string) => join(remote, "snapshots", readdirSync(join(remote, "snapshots"))[0] ?? "", name);
const addLine = (path: string) => appendFileSync(inSnapshot("SHA256SUMS"), `${"0".repeat(64)}  ${path}\n`);
const putLink = (path: string, to: string) => (rmSync(path), symlinkSync(to, path));
const flip = (path: string) => {
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.with(100, (bytes[100] ?? 0) ^ 1));
};

/** What was done to it, a part of the message, and whether --force restores the rest. */
const TAMPERED: [string, () => void, RegExp, boolean][] = [
  ["a flipped bit in a song", () => flip(join(remote, song)), /its bytes changed/, true],
  ["a song that is a link", () => putLink(join(remote, song), join(outside, "secret")), /not there/, true],
  ["a path in the list that leads out", () => addLine("assets/../../outside/x"), /SHA256SUMS .*cannot be read/, false],
  ["an absolute path in the list", () => addLine("/etc/passwd"), /SHA256SUMS .*cannot be read/, false],
  ["no list", () => rmSync(inSnapshot("SHA256SUMS")), /SHA256SUMS .*cannot be read/, false],
  ["no database", () => rmSync(inSnapshot("archive.db")), /database|archive\.db/, false],
  ["a database that is a link", linkDatabase, /database|archive\.db/, false],
  ["a backup.json without content", () => writeFileSync(inSnapshot("backup.json"), "{}"), /backup\.json/, true],
];

function linkDatabase(): void {
  putLink(inSnapshot("archive.db"), join(world.home, "archive.db"));
}

describe.skipIf(!has("rclone"))("restore from an rclone remote that was tampered with (skipped without rclone)", () => {
  it.each(TAMPERED)(
    "%s: exit 4 with the reason, nothing from outside, no leftovers",
    async (_what, tamper, words, some) => {
      const good = join(world.folder, "good");
      if (!existsSync(good)) expectCode(await world.mirror("backup", "--to", `rclone:${good}`), 0);
      cpSync(good, remote, { recursive: true });
      mkdirSync(outside);
      writeFileSync(join(outside, "secret"), "s3cret");
      tamper();
      for (const force of [[], ["--force"]]) {
        const { stderr } = expectCode(await world.mirror("restore", `rclone:${remote}`, "--home", home, ...force), 4);
        expect(stderr).toMatch(words);
        expect(stderr).not.toMatch(/unexpected|SQLITE|\.fetched-/);
        expect(existsSync(join(home, "archive.db"))).toBe(some && force.length > 0);
        expect(readdirSync(world.folder).filter((name) => name.startsWith("fresh."))).toEqual([]);
        expect(readdirSync(outside)).toEqual(["secret"]);
      }
      expect(Object.values(existsSync(home) ? digestTree(home) : {})).not.toContain(sha256("s3cret"));
    },
  );
});
