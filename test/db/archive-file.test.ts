import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { pageOfClips } from "../../src/query/lists/clips.ts";
import { searchClips } from "../../src/query/search/search.ts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { archivePath, createArchive, hasArchive, openArchive } from "../../src/db/archive-file.ts";
import { APPLICATION_ID, SCHEMA_VERSION } from "../../src/db/version.ts";
import { MirrorError } from "../../src/lib/errors.ts";
import { temporaryFolder } from "../helpers/temporary-archive.ts";

let folder: ReturnType<typeof temporaryFolder>;
let home: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  home = join(folder.path, "home");
  mkdirSync(home);
  path = archivePath(home);
});

afterEach(() => folder[Symbol.dispose]());

function sha256(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

function failure(work: () => unknown): MirrorError {
  try {
    work();
  } catch (error) {
    if (error instanceof MirrorError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

function foreignDatabase(applicationId = 0, userVersion = 0): void {
  const client = new Sqlite(path);
  client.exec("create table notes (text)");
  client.pragma(`application_id = ${applicationId}`);
  client.pragma(`user_version = ${userVersion}`);
  client.close();
}

describe("B28: what is not an archive", () => {
  it.each([
    ["a text file", () => writeFileSync(path, "just some notes\n".repeat(20))],
    ["an empty file", () => writeFileSync(path, "")],
    ["a short file", () => writeFileSync(path, "SQLite format 3\0")],
    ["the database of another program", () => foreignDatabase()],
    ["a database with another application's id", () => foreignDatabase(0x12345678)],
  ])("%s is refused and stays as it is", (_what, make) => {
    make();
    const before = [sha256(path), readdirSync(home)];
    for (const open of [
      () => openArchive(home),
      () => openArchive(home, { readOnly: true }),
      () => hasArchive(home),
      () => createArchive(home),
    ]) {
      const error = failure(open);
      expect(error).toMatchObject({ exit: 9, code: "not_an_archive" });
      expect(error.message).toContain(path);
      expect(error.message).toContain("not a producer-mirror archive");
    }
    expect([sha256(path), readdirSync(home)]).toEqual(before);
  });

  it("a folder, a pipe or a link is refused, and a pipe is not waited for", () => {
    for (const make of [
      () => mkdirSync(path),
      () => execFileSync("mkfifo", [path]),
      () => symlinkSync("/dev/zero", path),
    ]) {
      make();
      expect(failure(() => openArchive(home))).toMatchObject({ exit: 9 });
      execFileSync("rm", ["-r", path]);
    }
  });

  it("none at all ends with 2 and names the path that was looked at", () => {
    const error = failure(() => openArchive(home));
    expect(error).toMatchObject({ exit: 2, code: "no_archive" });
    expect(error.message).toContain(path);
    expect(readdirSync(home)).toEqual([]);
  });

  it("ours by its header and yet without its tables is damaged", () => {
    foreignDatabase(APPLICATION_ID, SCHEMA_VERSION);
    expect(failure(() => openArchive(home))).toMatchObject({ exit: 4, code: "database_damaged" });
  });
});

describe("C37: an archive of a newer program", () => {
  it.each([SCHEMA_VERSION + 1, SCHEMA_VERSION + 100])(
    "of schema %i is refused by readers and writers, and stays as it is",
    (version) => {
      createArchive(home);
      const client = new Sqlite(path);
      client.pragma(`user_version = ${version}`);
      client.close();
      const before = [sha256(path), readdirSync(home)];
      for (const open of [
        () => openArchive(home),
        () => openArchive(home, { readOnly: true }),
        () => hasArchive(home),
        () => createArchive(home),
      ]) {
        const error = failure(open);
        expect(error).toMatchObject({ exit: 9, code: "schema" });
        expect(error.message).toContain(`schema ${version}, this one knows ${SCHEMA_VERSION}`);
        expect(error.hint).toContain("update");
      }
      expect([sha256(path), readdirSync(home)]).toEqual(before);
    },
  );
});

describe("an archive that SQLite copied, and that was put back", () => {
  const mode = (readOnly: boolean) => {
    using database = closing(openArchive(home, { readOnly }));
    return database.db.$client.pragma("journal_mode", { simple: true });
  };

  it.each(["of this schema", "of an older one"])(
    "is in write-ahead mode again once it was opened to write: %s",
    (age) => {
      if (age === "of this schema") createArchive(home);
      else copyFileSync(join(import.meta.dirname, "../fixtures/archives/schema-1.db"), path);
      const copy = join(folder.path, "copy.db");
      const database = new Sqlite(path);
      database.prepare("vacuum into ?").run(copy);
      database.close();
      for (const suffix of ["-wal", "-shm"]) expect(existsSync(path + suffix)).toBe(false);
      copyFileSync(copy, path);
      const put = new Sqlite(path, { readonly: true });
      expect(put.pragma("journal_mode", { simple: true })).toBe("delete");
      put.close();
      expect(mode(false)).toBe("wal");
      expect(mode(true)).toBe("wal");
    },
  );
});

describe("createArchive", () => {
  it("makes it whole, with a name of its own, once", () => {
    expect(createArchive(home, "demo", 0)).toBe(true);
    expect(createArchive(home)).toBe(false);
    using database = closing(openArchive(home, { readOnly: true }));
    const facts = Object.fromEntries(
      database.db.$client.prepare("select key, value from archive_info").raw().all() as [string, string][],
    );
    expect(facts).toMatchObject({ kind: "demo", created_at: "1970-01-01T00:00:00.000Z" });
    expect(facts["archive_id"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(database.db.$client.pragma("application_id", { simple: true })).toBe(APPLICATION_ID);
    expect(database.db.$client.pragma("user_version", { simple: true })).toBe(SCHEMA_VERSION);
    expect(database.db.$client.pragma("journal_mode", { simple: true })).toBe("wal");
  });

  it("is not put off by what an earlier, killed try left", () => {
    writeFileSync(`${path}.new`, "half an arch");
    writeFileSync(`${path}.new-wal`, "and its log");
    expect(hasArchive(home)).toBe(false);
    expect(createArchive(home)).toBe(true);
    openArchive(home).$client.close();
    expect(readdirSync(home).filter((name) => name.includes(".new"))).toEqual([]);
  });

  it("G: only its owner can read it, also under umask 000", () => {
    const umask = process.umask(0);
    try {
      const fresh = join(folder.path, "deep", "fresh");
      createArchive(fresh);
      using database = closing(openArchive(fresh));
      database.db.$client.exec("insert into archive_info values ('a', 'b')");
      expect(statSync(fresh).mode & 0o777).toBe(0o700);
      const modes = Object.fromEntries(
        readdirSync(fresh).map((name) => [name, (statSync(join(fresh, name)).mode & 0o777).toString(8)]),
      );
      expect(modes).toEqual({
        "archive.db": "600",
        "archive.db-shm": "600",
        "archive.db-wal": "600",
        "lock.db": "600",
      });
    } finally {
      process.umask(umask);
    }
  });

  it.each(["view songs", "trigger clips_fts_insert"])(
    "whoever opens it has the %s, also when another program dropped it",
    (what) => {
      createArchive(home);
      const client = new Sqlite(path);
      client.exec(`drop ${what}`);
      client.close();
      const database = openArchive(home, { readOnly: true });
      const names = database.$client.prepare("select type || ' ' || name from sqlite_schema").pluck().all();
      database.$client.close();
      expect(names).toContain(what);
    },
  );

  it("a reader writes nothing, not even by mistake", () => {
    createArchive(home);
    using database = closing(openArchive(home, { readOnly: true }));
    expect(() => database.db.$client.exec("delete from archive_info")).toThrow(/readonly/);
  });
});

describe("C38: archives of every older schema", () => {
  const folderOf = new URL("../fixtures/archives/", import.meta.url).pathname;
  const fixtures = readdirSync(folderOf);

  it("there is one of each", () => {
    expect(fixtures.toSorted()).toEqual(
      Array.from({ length: SCHEMA_VERSION }, (_, n) => `schema-${n + 1}.db`).toSorted(),
    );
  });

  it.each(fixtures)("%s opens with all its rows, indexed, and a copy of it is kept", (name) => {
    copyFileSync(join(folderOf, name), path);
    const before = tables(path);
    using database = closing(openArchive(home));
    const { $client: client } = database.db;
    const version = Number(name.match(/\d+/)?.[0]);
    const copy = `${path}.before-schema-${SCHEMA_VERSION}`;
    expect(client.pragma("user_version", { simple: true })).toBe(SCHEMA_VERSION);
    const kept = existsSync(copy) ? [tables(copy), statSync(copy).mode & 0o777] : undefined;
    expect(kept).toEqual(version < SCHEMA_VERSION ? [before, 0o600] : undefined);
    expect(tables(path)).toMatchObject(before);
    expect(client.prepare("select count(*) from clips_fts where clips_fts match '日 OR woke'").pluck().get()).toBe(1);
    expect(client.prepare("select title from songs").pluck().get()).toBe("Woke up with the sun in my eyes");
    expect(client.pragma("integrity_check", { simple: true })).toBe("ok");
    expect(client.pragma("foreign_key_check")).toEqual([]);
  });
});

describe("an archive whose index is of schema 8", () => {
  const titles = (word: string) => {
    using database = closing(openArchive(home, { readOnly: true }));
    return searchClips(database.db, word, {}, "/").map(({ title }) => title);
  };

  it("is read as it is, without a byte changed, and indexed again by the first who writes", () => {
    copyFileSync(new URL("../fixtures/archives/schema-8.db", import.meta.url), path);
    const client = new Sqlite(path);
    // As another program would find it: the words of this index are by the old rule.
    client.function("separate_cjk", (text) => text);
    client.exec("update clips_fts set title = 'Καλημέρα दिल', lyric = 'दाल'");
    client.exec("update clips set title = 'Καλημέρα दिल', lyric = 'दाल'");
    client.close();
    const before = readFileSync(path);
    expect([titles("Καλημέρα"), titles("καλημερα"), titles("दिल").length]).toEqual([["Καλημέρα दिल"], [], 1]);
    const byTitle = () => {
      using database = closing(openArchive(home, { readOnly: true }));
      const sort = { by: "title", descending: false } as const;
      return [...pageOfClips(database.db, { sort, limit: 1 }, "/").rows];
    };
    expect(byTitle()).toMatchObject([{ title: "Καλημέρα दिल" }]);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(existsSync(`${path}.before-schema-${SCHEMA_VERSION}`)).toBe(false);
    const notes: string[] = [];
    openArchive(home, { note: (line) => notes.push(line) }).$client.close();
    expect([titles("καλημερα"), titles("दिल"), titles("दूल")]).toEqual([["Καλημέρα दिल"], ["Καλημέρα दिल"], []]);
    expect(notes).toEqual([]);
    expect(byTitle()).toMatchObject([{ title: "Καλημέρα दिल" }]);
    using migrated = closing(openArchive(home, { readOnly: true }));
    expect(migrated.db.$client.prepare("select title_key from main.clips").pluck().all()).toEqual(["καλημερα दिल"]);
  });
});

/** Every row of every table of ours but what the program notes about itself. */
function tables(file: string): Record<string, unknown[]> {
  const client = new Sqlite(file, { readonly: true });
  const names = client
    .prepare<[], string>(
      "select name from sqlite_schema where type = 'table' and name not like 'sqlite%' and name not like '%fts%' and name not like '\\_\\_%' escape '\\'",
    )
    .pluck()
    .all();
  const rows = names.map((name) => [
    name,
    client.prepare(`select * from "${name}" ${name === "archive_info" ? "where key <> 'objects'" : ""}`).all(),
  ]);
  client.close();
  return Object.fromEntries(rows) as Record<string, unknown[]>;
}

function closing(db: ReturnType<typeof openArchive>): Disposable & { db: typeof db } {
  return { db, [Symbol.dispose]: () => db.$client.close() };
}

it("a home that is a link to nowhere is reported as one", () => {
  const link = join(folder.path, "link");
  symlinkSync(join(folder.path, "nowhere"), link);
  expect(failure(() => createArchive(link))).toMatchObject({
    exit: 7,
    message: expect.stringContaining("leads nowhere") as unknown,
  });
});
