import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { editLoosely, rowsOf } from "../helpers/archive-copy.ts";
import { expectCode } from "../helpers/expect-code.ts";
import { digestTree, sha256 } from "../helpers/folder-tree.ts";
import { makeWorld, type World } from "../helpers/world.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** A backup that somebody else could change before it is restored. */
let world: World;
let good: string;
/** The copy that is tampered with, the new home, and a folder with a secret. */
let backup: string;
let home: string;
let outside: string;
let song: string;

beforeAll(async () => {
  world = await makeWorld({ tasks: 2 });
  expectCode(await world.mirror("sync"), 0);
  expectCode(await world.mirror("backup", join(world.folder, "backups")), 0);
  const name = readdirSync(join(world.folder, "backups")).find((entry) => entry.endsWith("Z")) ?? "";
  good = join(world.folder, "backups", name);
  [backup, home] = [join(world.folder, "given", name), join(world.folder, "fresh")];
  outside = join(world.folder, "outside");
  song = `assets/${String(rowsOf(world.home, "select path from assets where kind = 'audio' order by id limit 1")[0]?.["path"])}`;
});
afterAll(() => world[Symbol.asyncDispose]());
afterEach(() => {
  for (const folder of [dirname(backup), home, outside]) rmSync(folder, { recursive: true, force: true });
});

/** Makes a copy, tampers with it, and puts a secret beside it. */
function given(tamper: () => void): void {
  cpSync(good, backup, { recursive: true });
  mkdirSync(outside);
  writeFileSync(join(outside, "secret"), "s3cret");
  tamper();
}

/** Makes the list match: whoever changes a backup can change its list too. */
function signAgain(): void {
  const list = join(backup, "SHA256SUMS");
  const line = `${sha256(readFileSync(join(backup, "archive.db")))}  archive.db`;
  writeFileSync(list, readFileSync(list, "utf8").replace(/^[0-9a-f]{64} {2}archive\.db$/m, line));
}

const restore = (...words: string[]) => world.mirror("restore", dirname(backup), "--home", home, ...words);
const edit = (statement: string) => (editLoosely(backup, statement), signAgain());
const putLink = (path: string, to: string) => {
  rmSync(join(backup, path), { recursive: true });
  symlinkSync(to, join(backup, path));
};
/** The target of the link is the same file or folder, so that only the link is wrong. */
const moveOut = (path: string) => {
  renameSync(join(backup, path), join(outside, "moved"));
  symlinkSync(join(outside, "moved"), join(backup, path));
};
const fifo = (path: string) => {
  rmSync(join(backup, path), { recursive: true });
  execFileSync("mkfifo", [join(backup, path)]);
};
const flip = (path: string) => {
  const bytes = readFileSync(join(backup, path));
  writeFileSync(join(backup, path), bytes.with(200, (bytes[200] ?? 0) ^ 1));
};

/** What was done to it, the exit code, a part of the message, the exit code with --force. */
const TAMPERED: [string, () => void, number, RegExp, number][] = [
  ["a FIFO for the list", () => fifo("SHA256SUMS"), 4, /SHA256SUMS \(not a regular file/, 4],
  ["a FIFO for backup.json", () => fifo("backup.json"), 4, /backup\.json \(not/, 4],
  ["a FIFO for the database", () => fifo("archive.db"), 4, /archive\.db/, 4],
  ["a FIFO for a song", () => fifo(song), 4, /not a regular file/, 4],
  ["a list of 300 MB", () => truncateSync(join(backup, "SHA256SUMS"), 300e6), 4, /300000000 bytes/, 4],
  ["a backup.json of 300 MB", () => truncateSync(join(backup, "backup.json"), 300e6), 4, /backup\.json/, 4],
  [
    "a backup.json without content",
    () => writeFileSync(join(backup, "backup.json"), "[".repeat(1e6)),
    4,
    /backup\.json/,
    4,
  ],
  ["a song that is a link", () => putLink(song, join(outside, "secret")), 4, /not a regular file/, 4],
  ["a song's folder that is a link", () => moveOut(dirname(song)), 4, /not a regular file/, 4],
  ["a journal that is a link", () => moveOut("journal"), 4, /journal\/.* \(not a regular file/, 4],
  ["a database that is a link", () => moveOut("archive.db"), 4, /archive\.db/, 4],
  ["a flipped bit in a song", () => flip(song), 4, /its bytes changed/, 4],
  ["a flipped bit in the list", () => flip("SHA256SUMS"), 4, /./, 4],
  [
    "a song that is not in the list",
    () => writeFileSync(join(backup, "SHA256SUMS"), sums().replace(new RegExp(`^.*  ${song}\n`, "m"), "")),
    4,
    /does not list/,
    4,
  ],
  ["a path in the list that leads out", () => addLine("../../outside/secret"), 4, /a line of it cannot be read/, 4],
  ["an absolute path in the list", () => addLine("/etc/passwd"), 4, /a line of it cannot be read/, 4],
  ["a path in the list twice", () => addLine(song), 4, /a line of it cannot be read/, 4],
  ["an empty database", () => writeDatabase(""), 4, /archive\.db/, 4],
  ["a database with other content", () => writeDatabase("x".repeat(5000)), 4, /archive\.db/, 4],
  ["another program's database", () => edit("pragma application_id = 7"), 9, /belongs to another program/, 9],
  ["a newer database", () => edit("pragma user_version = 999"), 9, /newer producer-mirror/, 9],
  ["a view instead of a table", putView, 4, /its assets is a view/, 4],
];

const sums = () => readFileSync(join(backup, "SHA256SUMS"), "utf8");
const addLine = (path: string) => appendFileSync(join(backup, "SHA256SUMS"), `${sha256("s3cret")}  ${path}\n`);
const writeDatabase = (text: string) => (writeFileSync(join(backup, "archive.db"), text), signAgain());
function putView(): void {
  editLoosely(backup, "alter table assets rename to files");
  edit(
    "create view assets as with recursive n(x) as (select 1 union all select x + 1 from n) select x as path, x as sha256, x as kind, x as clip_id, x as task_id from n",
  );
}

describe("a restore of a backup that was tampered with", () => {
  it.each(TAMPERED)("%s: is reported, and nothing is restored", async (_what, tamper, code, words) => {
    given(tamper);
    const end = expectCode(await restore(), code);
    expect(end.stderr).toMatch(words);
    expect(end.stderr).not.toMatch(/unexpected|SQLITE|\bat .*\.js/);
    expect(existsSync(join(home, "archive.db"))).toBe(false);
  });

  it.each(TAMPERED)("%s, with --force: nothing comes from outside", async (_what, tamper, _code, _words, forced) => {
    given(tamper);
    const end = expectCode(await restore("--force"), forced);
    expect(end.stderr).not.toMatch(/unexpected|SQLITE|\bat .*\.js/);
    expect(Object.values(digestTree(home))).not.toContain(sha256("s3cret"));
    expect(readdirSync(outside)).toContain("secret");
  });

  it("leaves what is none of its files alone, and names it: that is no damage", async () => {
    const strange = [
      "Thumbs.db",
      "desktop.ini",
      `${dirname(song)}/Thumbs.db`,
      `${dirname(song)}/._x.m4a`,
      "journal/x.ndjson",
    ];
    given(() => {
      for (const path of [...strange, ".DS_Store", "assets/.DS_Store", "queries.txt"])
        writeFileSync(join(backup, path), "x");
      for (const path of ["lost+found", "assets/@eaDir", "assets/#recycle"]) mkdirSync(join(backup, path));
      writeFileSync(join(backup, "assets/@eaDir/song.m4a"), "x");
      writeFileSync(join(backup, dirname(song), "aa.m4a"), "a person's");
    });
    const before = digestTree(backup);
    const { json } = expectCode(await world.mirror("backup", dirname(backup), "--verify", "--json"), 0);
    const { foreign } = json as { foreign: string[] };
    expect(foreign).toEqual(
      expect.arrayContaining([...strange, "lost+found", "assets/@eaDir", `${dirname(song)}/aa.m4a`]),
    );
    const { stderr } = expectCode(await restore(), 0);
    expect(stderr).toContain("not of the backup, left alone: .DS_Store, Thumbs.db, assets/#recycle");
    expect(digestTree(backup)).toEqual(before);
    expect(
      Object.keys(digestTree(home)).filter((path) => /Thumbs|ini|\._|@eaDir|aa\.m4a|journal\/x/.test(path)),
    ).toEqual([]);
    expectCode(await world.mirror("verify", "--full", "--home", home), 0);
  });

  it("leaves out triggers and files that are not ours", async () => {
    given(() => {
      edit("create trigger evil after insert on clips begin delete from assets; end");
      writeFileSync(
        join(backup, ".env"),
        "ACEDATACLOUD_API_TOKEN=theirs\nPRODUCER_MIRROR_API_URL=https://evil.example\n",
      );
      writeFileSync(join(backup, "run.sh"), "rm -rf /");
      symlinkSync(outside, join(backup, "queries"));
    });
    expectCode(await restore(), 0);
    expect(rowsOf(home, "select name from sqlite_schema where type = 'trigger' order by name")).toEqual(
      rowsOf(world.home, "select name from sqlite_schema where type = 'trigger' order by name"),
    );
    expect(readdirSync(home).toSorted()).toEqual(["archive.db", "assets", "journal", "lock.db"]);
    expectCode(await world.mirror("verify", "--full", "--home", home), 0);
  });

  it("a row whose path leads out of the home is damage, and nothing is read or written there", async () => {
    given(() =>
      edit(`update assets set path = '../../outside/secret', sha256 = '${sha256("s3cret")}', bytes = 6 where id = 1`),
    );
    await restore();
    expectCode(await world.mirror("verify", "--full", "--home", home), 4);
    expectCode(await world.mirror("verify", "--full", "--repair", "--home", home), 4);
    expectCode(await world.mirror("rebuild", "--home", home), 0);
    expectCode(await world.mirror("verify", "--full", "--home", home), 0);
    for (const words of [
      ["clips", "--paths"],
      ["clips", "--json"],
      ["export", "songs", join(outside, "songs")],
    ])
      await world.mirror(...words, "--home", home);
    expect(Object.values(digestTree(home))).not.toContain(sha256("s3cret"));
    expect(Object.values(digestTree(outside)).filter((digest) => digest === sha256("s3cret"))).toHaveLength(1);
    expect(readFileSync(join(outside, "secret"), "utf8")).toBe("s3cret");
  });
});
