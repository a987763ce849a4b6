import { describe, expect, test } from "vitest";
import type { AlbumKind } from "../../../../src/export/songs/plan/albums.ts";
import { genreOf } from "../../../../src/export/songs/plan/genre.ts";
import { planFiles, type PlanOptions } from "../../../../src/export/songs/plan/plan-files.ts";
import type { PlannedFile } from "../../../../src/export/songs/plan/planned-file.ts";
import { parseTemplate } from "../../../../src/export/songs/plan/template.ts";
import { lyricText, withoutKeys } from "../../../../src/export/songs/plan/texts.ts";
import { clipsOf, song } from "../songs.ts";

const options = (template: string, album: AlbumKind = "month"): PlanOptions => ({
  template: parseTemplate(template),
  album,
  tags: { artist: "Me", genre: true },
});
const pathsOf = (files: PlannedFile[], kind: string) =>
  files.filter((file) => file.kind === kind).map(({ path }) => path);
const tagsOf = (files: PlannedFile[]) => files.flatMap(({ content }) => ("tags" in content ? [content.tags] : []));
const textOf = (files: PlannedFile[], path: string) => {
  const content = files.find((file) => file.path === path)?.content;
  return content && "text" in content ? content.text : undefined;
};

describe("albums", () => {
  const [one, two, three, alone] = [1, 2, 3, 4].map((number) => song(number, { title: `T${number}` }));
  const all = [one!, two!, three!, alone!];
  const parents = { [two!.clipId]: one!.clipId, [three!.clipId]: two!.clipId };

  test("are months, with a song's age as its number, whatever is selected", () => {
    const tags = tagsOf(planFiles([three!], clipsOf(all, parents), options("{title}")));
    expect(tags).toMatchObject([{ album: "2025-12", track: 3 }]);
  });

  test("are families, called after the oldest; songs that stand alone stay with their month", () => {
    const files = planFiles(all, clipsOf(all, parents), options("{album}/{root}/{title}", "family"));
    expect(pathsOf(files, "audio")).toEqual(["T1/T1/T1.m4a", "T1/T1/T2.m4a", "T1/T1/T3.m4a", "2025-12/T4/T4.m4a"]);
    expect(tagsOf(files).map(({ album, track }) => `${album} ${track}`)).toEqual(["T1 1", "T1 2", "T1 3", "2025-12 1"]);
  });

  test("of one name are distinguished, and a circle of songs is one family", () => {
    const songs = [1, 2, 3, 4].map((number) => song(number, { title: number < 3 ? "Rain" : "RAIN" }));
    const [a, b, c, d] = songs.map(({ clipId }) => clipId);
    const round = { [a!]: b!, [b!]: a!, [d!]: c! };
    const tags = tagsOf(planFiles(songs, clipsOf(songs, round), options("{title}", "family")));
    expect(tags.map(({ album, track }) => `${album} ${track}`)).toEqual([
      "Rain 1",
      "Rain 2",
      "RAIN (2) 1",
      "RAIN (2) 2",
    ]);
  });

  test("take a song for the family of a parent that is not in the archive", () => {
    const songs = [song(1), song(2)];
    const lost = "99999999-0000-4000-8000-000000000000";
    const tags = tagsOf(
      planFiles(
        songs,
        clipsOf(songs, Object.fromEntries(songs.map(({ clipId }) => [clipId, lost]))),
        options("{title}", "family"),
      ),
    );
    expect(new Set(tags.map(({ album }) => album))).toEqual(new Set(["Song 1"]));
  });
});

describe("what lies beside", () => {
  test("one cover.jpg where all songs of a folder look the same, else one each; none at the top", () => {
    const image = song(1).image;
    const [one, two] = [song(1), song(2, { image })];
    const plan = (list: (typeof one)[], template: string) =>
      pathsOf(planFiles(list, clipsOf(list), options(template)), "cover");
    expect(plan([one, two], "{album}/{title}")).toEqual(["2025-12/cover.jpg"]);
    expect(plan([one, two], "{title}")).toEqual(["Song 1.jpg", "Song 2.jpg"]);
    expect(plan([one, song(2)], "{album}/{title}")).toEqual(["2025-12/Song 1.jpg", "2025-12/Song 2.jpg"]);
    expect(plan([one, song(2, { image: null })], "{album}/{title}")).toEqual(["2025-12/Song 1.jpg"]);
  });

  test("a lyric with times is .lrc, another .txt, none for a song without words", () => {
    const songs = [
      song(1, { lyric: "[00:12.50]Woke up\n[00:15.00]again" }),
      song(2, { lyric: "[Verse]\nla" }),
      song(3, { lyric: null }),
    ];
    const files = planFiles(songs, clipsOf(songs), options("{title}"));
    expect(pathsOf(files, "lyric")).toEqual(["Song 1.lrc", "Song 2.txt"]);
  });

  test("a lyric keeps its lines and nothing that a terminal obeys", () => {
    expect(lyricText("a\r\nb\rc\u001b[2J\u202ed\te\n\n")).toBe("a\nb\nc[2Jd\te\n");
  });

  test("playlists lead down to each song, with its length, and lie where their songs do", () => {
    const songs = [song(1, { durationSeconds: 135.23 }), song(2, { title: "#2\nx", durationSeconds: null })];
    const files = planFiles(songs, clipsOf(songs), options("{year}/{title}"));
    expect(pathsOf(files, "playlist")).toEqual(["All songs.m3u8", "2025/2025-12.m3u8"]);
    expect(textOf(files, "All songs.m3u8")).toBe(
      "#EXTM3U\n#PLAYLIST:All songs\n#EXTINF:135,Song 1\n2025/Song 1.m4a\n#EXTINF:-1,#2 x\n2025/#2 x.m4a\n",
    );
    expect(textOf(files, "2025/2025-12.m3u8")).toContain("\n./#2 x.m4a\n");
  });
});

test("no id and no address is left in a text", () => {
  const text = "see https://hooks.example/s3cr3t?x=1 (HTTP://A.B/c) 1A6AC2AD-10f2-4e2b-b500-66ec27fe82ad_0 and rest";
  expect(withoutKeys(text)).toBe("see … (…) …_0 and rest");
});

test("a clip whose id is its task's shows not a character of it", () => {
  const task = "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
  const one = song(1, { clipId: `${task}_0`, key: "feedfacefeedface" });
  const paths = planFiles([one], clipsOf([one]), options("{title} [{id8}]")).map(({ path }) => path);
  expect(paths[0]).toBe("Song 1 [feedface].m4a");
});

test.each([
  ["warm indie folk, fingerpicked guitar", "indie folk"],
  ["Dreamy SYNTH POP and lo-fi", "synth pop"],
  ["a popular trapeze act", null],
  ["R&B, slow", "r&b"],
  ["中文抒情流行，钢琴", "中文"],
  ["", null],
  [null, null],
])("the genre of %j is %j", (prompt, genre) => {
  expect(genreOf(prompt)).toBe(genre);
});

describe("playlists of the person", () => {
  const [one, two, three] = [1, 2, 3].map((number) => song(number, { title: `T${number}` }));
  const all = [one!, two!, three!];
  const own = (name: string, clipIds: string[], changedAt = 5) => ({ key: "ab".repeat(16), name, changedAt, clipIds });
  const plan = (songs: typeof all, ...playlists: ReturnType<typeof own>[]) =>
    planFiles(songs, clipsOf(all, {}), options("{title}"), playlists);

  test("are at the top in their order, with repeats, as far as their songs are exported", () => {
    const files = plan([one!, two!], own("Night", [two!.clipId, one!.clipId, three!.clipId, two!.clipId]));
    const text = textOf(files, "Night.m3u8");
    expect(text?.split("\n").filter((line) => !line.startsWith("#"))).toEqual(["T2.m4a", "T1.m4a", "T2.m4a", ""]);
    expect(text).toContain("#PLAYLIST:Night");
    expect(pathsOf(plan([one!], own("Night", [two!.clipId])), "playlist")).not.toContain("Night.m3u8");
  });

  test("take no name of another list, and are known by their key, whatever their name", () => {
    const clips = [one!.clipId];
    const names = pathsOf(plan(all, own("all SONGS", clips)), "playlist");
    expect(names).toContain("all SONGS (2).m3u8");
    const ownerOf = (name: string) => plan(all, own(name, clips)).find(({ path }) => path === `${name}.m3u8`)?.owner;
    expect(ownerOf("Night")).toBe(ownerOf("Day"));
    const printOf = (clipIds: string[]) =>
      plan(all, own("Night", clipIds)).find(({ path }) => path === "Night.m3u8")?.print;
    expect(printOf(clips)).not.toBe(printOf([...clips, ...clips]));
  });
});
