import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { parseFile } from "music-metadata";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { clipIdOf } from "../../../stand-in/make-record.ts";
import { makeLibrary } from "../../../stand-in/make-record.ts";
import { rowsOf } from "../../../helpers/archive-copy.ts";
import { expectCode } from "../../../helpers/expect-code.ts";
import { listTree, sha256 } from "../../../helpers/folder-tree.ts";
import { makeWorld, TOKEN, type World } from "../../../helpers/world.ts";
import { has } from "../../../helpers/needs.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const SECRET = "s3cr3t-path-94";

let world: World;
let folder: string;
let audio: { clip: string; exported: string; original: string }[];

beforeAll(async () => {
  const request = {
    callback_url: `https://hooks.example/${SECRET}`,
    user_email: `me-${SECRET}@example.org`,
    prompt: "Dreamy synth pop and lo-fi",
  };
  world = await makeWorld({ library: (assetBase) => makeLibrary({ tasks: 5, assetBase, overrides: { request } }) });
  // An owner who sings of their ids gives none of them away either.
  const id = world.ids[1] ?? "";
  const record = structuredClone(world.standIn.records.get(id)) as { response: { data: object[] } };
  Object.assign(record.response.data[0] ?? {}, {
    title: `Song ${id}`,
    lyric: `look at ${world.standIn.assetUrl}/x.m4a ${id}`,
  });
  world.standIn.records.set(id, record);
  expectCode(await world.mirror("sync"), 0);
  folder = join(world.folder, "songs");
  expectCode(await world.mirror("export", "songs", folder, "--tags", "--artist", "Ann Other", "--genre"), 0);
  const copies = listTree(folder).filter(({ path }) => path.endsWith(".m4a"));
  audio = [0, 1, 2, 3, 4].map((at) => {
    const clip = clipIdOf(at);
    const [row] = rowsOf(world.home, "select path from assets where clip_id = ? and kind = 'audio'", clip);
    const exported = copies.find(({ path }) => path.includes(`[${clip.slice(0, 8)}]`))?.fullPath ?? "";
    return { clip, exported, original: join(world.home, "assets", String(row?.["path"])) };
  });
});
afterAll(() => world[Symbol.asyncDispose]());

describe("export songs --tags", () => {
  it("writes what another program reads: title, artist, album, track, date, genre, lyric, cover, and its own words", async () => {
    const [row] = rowsOf(world.home, "select * from clips where id = ?", clipIdOf(0));
    const { common, native } = await parseFile(audio[0]?.exported ?? "");
    const month = new Date(Number(row?.["created_at"])).toISOString();
    expect(common).toMatchObject({
      title: row?.["title"],
      artist: "Ann Other",
      albumartist: "Ann Other",
      album: month.slice(0, 7),
      date: month.slice(0, 10),
      genre: ["synth pop"],
    });
    expect(common.lyrics?.[0]?.text?.trim()).toBe(String(row?.["lyric"]).trim());
    const [cover] = rowsOf(world.home, "select sha256 from assets where clip_id = ? and kind = 'image'", clipIdOf(0));
    expect(sha256(Buffer.from(common.picture?.[0]?.data ?? []))).toBe(cover?.["sha256"]);
    const own = Object.fromEntries((native["iTunes"] ?? []).map(({ id, value }) => [id, value]));
    expect(own).toMatchObject({
      "----:com.apple.iTunes:MODEL": row?.["model"],
      "----:com.apple.iTunes:ACTION": row?.["action"],
      "----:com.apple.iTunes:SEED": row?.["seed"],
    });
  });

  it("gives each song a number of its own in its album", async () => {
    const tags = await Promise.all(audio.map(async ({ exported }) => (await parseFile(exported)).common));
    const numbers = tags.map(({ album, track }) => `${album} ${track.no}`);
    expect(new Set(numbers).size).toBe(5);
    expect(tags.every(({ track }) => (track.no ?? 0) > 0)).toBe(true);
  });

  it("leaves the audio as it is, to the byte", () => {
    for (const { exported, original } of audio) {
      const [ours, theirs] = [readFileSync(exported), readFileSync(original)];
      expect(ours.equals(theirs)).toBe(false);
      expect(sha256(mediaData(ours))).toBe(sha256(mediaData(theirs)));
    }
  });

  it.skipIf(!has("ffmpeg"))("leaves the audio as it is, says ffmpeg, which plays it whole", () => {
    const packets = (path: string) =>
      execFileSync("ffmpeg", ["-v", "error", "-xerror", "-i", path, "-map", "0:a", "-c", "copy", "-f", "md5", "-"], {
        encoding: "utf8",
      });
    const decode = (path: string) =>
      spawnSync("ffmpeg", ["-v", "error", "-xerror", "-i", path, "-map", "0:a", "-f", "null", "-"], {
        encoding: "utf8",
      });
    for (const { exported, original } of audio) {
      expect(packets(exported)).toBe(packets(original));
      expect(decode(exported)).toMatchObject({ status: 0, stderr: "" });
    }
  });

  it("G94: nothing that is made to give away holds a task, account or trace id, a callback or an address: songs with tags and without, playlists, lyrics, the list of an export, feeds", async () => {
    const [plain, feeds] = [join(world.folder, "plain"), join(world.folder, "feeds")] as const;
    mkdirSync(feeds);
    expectCode(await world.mirror("export", "songs", plain, "--album", "family"), 0);
    const base = ["--base-url", "https://music.example/"];
    expectCode(await world.mirror("export", "feed", join(feeds, "archive.xml"), ...base), 0);
    expectCode(await world.mirror("export", "feed", join(feeds, "folder.xml"), ...base, "--songs", plain), 0);
    const row = rowsOf(world.home, "select * from tasks");
    const columns = [
      "id",
      "trace_id",
      "user_id",
      "application_id",
      "credential_id",
      "api_id",
      "object_id",
      "callback_url",
    ];
    const keys = row.flatMap((task) => columns.flatMap((name) => (task[name] === null ? [] : [String(task[name])])));
    const addresses = rowsOf(world.home, "select url from assets").map(({ url }) => String(url));
    const secrets = [...new Set([...keys, ...addresses, SECRET, TOKEN, world.standIn.assetUrl, "https://hooks"])];
    expect(secrets.length).toBeGreaterThan(20);
    // A feed has addresses of its own: of its server, and of the namespaces of its form.
    const given = [
      ...[folder, plain].map((location) => ({ location, secrets: [...secrets, "http://"] })),
      { location: feeds, secrets },
    ];
    const files = given.map(({ location }) => listTree(location).filter(({ type }) => type === "file"));
    expect(files.flat().map(({ path }) => extname(path))).toEqual(
      expect.arrayContaining([".m4a", ".jpg", ".txt", ".m3u8", ".json", ".xml"]),
    );
    const found = given.flatMap((one, at) => files[at]!.flatMap((file) => foundIn(file, one.secrets)));
    expect(found).toEqual([]);
  });
});

function foundIn({ path, fullPath }: { path: string; fullPath: string }, secrets: string[]): string[] {
  const bytes = readFileSync(fullPath);
  return secrets.filter((secret) => holds(bytes, path, secret)).map((secret) => `${path}: ${secret}`);
}

/** In UTF-8, in both kinds of UTF-16, in hex without dashes, in Base64, in a URL, and in the name. */
function holds(bytes: Buffer, path: string, secret: string): boolean {
  const wide = Buffer.from(secret, "utf16le");
  const forms = [
    Buffer.from(secret),
    wide,
    Buffer.from(wide).swap16(),
    Buffer.from(secret.replaceAll("-", "")),
    Buffer.from(Buffer.from(secret).toString("base64").replace(/=+$/, "").slice(0, -2)),
    Buffer.from(encodeURIComponent(secret)),
  ];
  return path.includes(secret) || forms.some((form) => bytes.includes(form));
}

/** What lies in the `mdat` boxes of an MP4 file. */
function mediaData(bytes: Buffer): Buffer {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = bytes.readUInt32BE(at);
    if (bytes.toString("latin1", at + 4, at + 8) === "mdat") found.push(bytes.subarray(at + 8, at + size));
    at += size;
  }
  return Buffer.concat(found);
}
