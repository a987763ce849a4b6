import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportFeed, type FeedOptions } from "../../../src/export/feed/export-feed.ts";
import { readSelection } from "../../../src/export/songs/read-songs.ts";
import { writeState, type MadeFile } from "../../../src/export/songs/state.ts";
import { readFeed } from "../../helpers/read-feed.ts";
import { temporaryFolder } from "../../helpers/temporary-archive.ts";
import { CREATED, makeLibrary, type Library } from "../../query/library.ts";

const TASK = "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
const NEON = "1dd08826-478e-43a6-868f-aff5ababac2c";
const RAIN = "2ee19937-589f-44b7-979a-b00ba0bacb3d";
const SECRETS = {
  userId: "11111111-2222-4333-8444-555555555555",
  applicationId: "application-94",
  credentialId: "credential-94",
  traceId: "trace-94",
  apiId: "api-94",
  callbackUrl: "https://hook.example/secret-94",
};
let library: Library;
let folder: ReturnType<typeof temporaryFolder>;

beforeAll(() => {
  library = makeLibrary();
  folder = temporaryFolder();
  library.task(TASK, SECRETS);
  const texts = { lyric: `Rain\non ${TASK}, see https://storage.example/${TASK}?sig=secret-94\u0001` };
  library.clip(NEON, { taskId: TASK, title: "Neon & more", createdAt: CREATED });
  library.clip(RAIN, {
    taskId: TASK,
    title: "雨",
    createdAt: CREATED + 60_000,
    audioUrl: "https://cdn.example/secret-94",
    ...texts,
  });
  library.clip(`${TASK}_0`, { taskId: TASK, title: "Nameless", createdAt: CREATED + 120_000 });
  library.clip("silent", { taskId: TASK, title: "No file" });
  for (const id of [NEON, RAIN, `${TASK}_0`])
    library.file(id, { taskId: TASK, path: `${id.slice(0, 2)}/${id}.m4a`, sha256: "0".repeat(64) });
  library.file(NEON, { taskId: TASK, kind: "image", path: `1d/${NEON}.jpg`, sha256: "1".repeat(64) });
});
afterAll(() => {
  folder[Symbol.dispose]();
  library[Symbol.dispose]();
});

const CHANNEL = {
  title: "My songs",
  author: "Me",
  description: "Mine",
  language: "en",
  explicit: false,
  imageUrl: null,
};

function run(path: string, options: Partial<FeedOptions> = {}) {
  const deps = { home: library.home, assets: library.assetsRoot, db: library.db, signal: new AbortController().signal };
  return exportFeed(deps, path, {
    filter: {},
    baseUrl: "https://me.example/songs/",
    songs: null,
    feedUrl: null,
    channel: CHANNEL,
    force: false,
    dryRun: false,
    ...options,
  });
}

/** A folder as `export songs` leaves it. */
async function songsFolder(name: string): Promise<string> {
  const target = join(folder.path, name);
  const { songs, archiveKey } = readSelection(library.db, {});
  const made = new Map<string, MadeFile>();
  const add = (path: string, kind: string, owner: string) => {
    made.set(path, { kind, owner, print: "x", bytes: 4, modifiedAt: 1 });
    mkdirSync(dirname(join(target, path)), { recursive: true });
    writeFileSync(join(target, path), "song");
  };
  for (const { title, key } of songs) add(`2026/${title}.m4a`, "audio", key);
  add("2026/cover.jpg", "cover", "another");
  await writeState(target, archiveKey, made);
  return target;
}

test("names the files of the archive, newest first, but none whose name holds the id of a task", async () => {
  const file = join(folder.path, "new", "feed.xml");
  expect(await run(file, { dryRun: true })).toMatchObject({ items: 2, left: 2, written: true });
  expect(readdirSync(folder.path)).not.toContain("new");
  const done = await run(file);
  expect(done).toEqual({ file, items: 2, left: 2, bytes: statSync(file).size, written: true });
  const feed = readFeed(readFileSync(file));
  expect(feed.items?.map(({ title, enclosures }) => [title, enclosures?.[0]])).toEqual([
    ["雨", { url: `https://me.example/songs/2e/${RAIN}.m4a`, length: 1000, type: "audio/mp4" }],
    ["Neon & more", { url: `https://me.example/songs/1d/${NEON}.m4a`, length: 1000, type: "audio/mp4" }],
  ]);
  expect(feed).toMatchObject({
    atom: { links: [{ href: "https://me.example/songs/feed.xml" }] },
    itunes: { image: `https://me.example/songs/1d/${NEON}.jpg` },
    pubDate: new Date(CREATED + 60_000).toUTCString(),
  });
});

test("names the files of a folder that `export songs` made, as they lie there", async () => {
  const songs = await songsFolder("public");
  const file = join(songs, "feed.xml");
  const done = await run(file, { songs });
  expect(done).toMatchObject({ items: 3, left: 1 });
  const { items = [] } = readFeed(readFileSync(file));
  expect(items.map(({ enclosures }) => enclosures?.[0])).toEqual(
    ["Nameless", "%E9%9B%A8", "Neon%20%26%20more"].map((name) => ({
      url: `https://me.example/songs/2026/${name}.m4a`,
      length: 4,
      type: "audio/mp4",
    })),
  );
  expect(items.map(({ itunes }) => itunes?.image)).toEqual([
    undefined,
    undefined,
    "https://me.example/songs/2026/cover.jpg",
  ]);
  const guids = items.map(({ guid }) => guid?.value);
  await run(join(folder.path, "same.xml"));
  const other = readFeed(readFileSync(join(folder.path, "same.xml"))).items?.map(({ guid }) => guid?.value);
  expect(guids.slice(1)).toEqual(other);
});

test("G94: gives no id of a task or an account away, no callback and no address of the service", async () => {
  const songs = await songsFolder("private");
  for (const one of [null, songs]) {
    const file = join(songs, "feed.xml");
    await run(file, { songs: one });
    const text = readFileSync(file, "utf8");
    for (const secret of [
      TASK,
      TASK.slice(0, 13),
      ...Object.values(SECRETS),
      "secret-94",
      "storage.example",
      "cdn.example",
      "example.com",
    ])
      expect(text.toLowerCase()).not.toContain(secret);
  }
});

test("the same songs give the same bytes, and a feed that is as it was is not touched", async () => {
  const file = join(folder.path, "again.xml");
  await run(file);
  const { ino } = statSync(file);
  expect(await run(file)).toMatchObject({ written: false });
  expect(statSync(file).ino).toBe(ino);
  expect(await run(file, { filter: { limit: 1 } })).toMatchObject({ written: true, items: 1 });
  expect(readFeed(readFileSync(file)).items).toHaveLength(1);
});

describe("is refused", () => {
  test("over what is no feed of ours, unless forced", async () => {
    const file = join(folder.path, "mine.xml");
    writeFileSync(file, "<rss>mine</rss>");
    await expect(run(file)).rejects.toMatchObject({ code: "file_in_the_way", exit: 2 });
    expect(readFileSync(file, "utf8")).toBe("<rss>mine</rss>");
    await run(file, { force: true });
    readFeed(readFileSync(file));
    symlinkSync(file, join(folder.path, "link.xml"));
    mkdirSync(join(folder.path, "folder.xml"));
    await expect(run(join(folder.path, "folder.xml"), { force: true })).rejects.toMatchObject({
      code: "file_in_the_way",
    });
  });

  test("inside of the archive, and for a folder that `export songs` did not make", async () => {
    await expect(run(join(library.home, "feed.xml"))).rejects.toMatchObject({ code: "export_into_archive" });
    await expect(run(join(folder.path, "x.xml"), { songs: folder.path })).rejects.toMatchObject({
      code: "no_exported_songs",
    });
  });
});

test("the picture of the channel is the newest song's, whatever the order; only JPEG and PNG are named", async () => {
  library.file(RAIN, { taskId: TASK, kind: "image", path: `2e/${RAIN}.png`, sha256: "2".repeat(64) });
  library.file(`${TASK}_0`, { taskId: TASK, kind: "image", path: "x-/newest.webp", sha256: "3".repeat(64) });
  for (const descending of [true, false]) {
    const path = join(folder.path, `pictures-${descending}.xml`);
    await run(path, { filter: { sort: { by: "created", descending } } });
    const text = readFileSync(path, "utf8");
    expect(/<itunes:image href="([^"]*)"/.exec(text)?.[1]).toContain(`${RAIN}.png`);
    expect(text).not.toContain(".webp");
  }
});
