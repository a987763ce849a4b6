import fc from "fast-check";
import { XmlLibError } from "libxml2-wasm";
import { describe, expect, test } from "vitest";
import { feedText, type Channel, type FeedItem } from "../../../src/export/feed/feed.ts";
import { audioType, parseBaseUrl, urlOf } from "../../../src/export/feed/feed-urls.ts";
import { readFeed, validateFeed } from "../../helpers/read-feed.ts";

const CHANNEL: Channel = {
  title: "Songs & <more>",
  description: 'All "mine"',
  author: "Me",
  language: "de-AT",
  link: "https://me.example/songs/",
  selfUrl: "https://me.example/songs/feed.xml",
  imageUrl: "https://me.example/songs/cover.jpg?a=1&b=2",
  explicit: false,
};
const ITEM: FeedItem = {
  guid: "producer-mirror:0123456789abcdef",
  title: "Neon",
  publishedAt: Date.UTC(2025, 11, 30, 18, 36, 0, 994),
  durationSeconds: 135.2,
  lyric: "[Verse]\nWoke up <early> & late\n\n[Chorus]\r\nSun",
  audio: { url: "https://me.example/songs/a.m4a", bytes: 1234, type: "audio/mp4" },
  imageUrl: "https://me.example/songs/a.jpg",
};

/** What XML 1.0 can hold of a text. */
function heldByXml(text: string): string {
  const kept = Array.from(text.replace(/\r\n?/g, "\n"), (one) => one.codePointAt(0) ?? 0).filter(
    (code) =>
      code === 9 || code === 10 || (code >= 0x20 && code < 0xd800) || (code > 0xdfff && code < 0xfffe) || code > 0xffff,
  );
  return String.fromCodePoint(...kept);
}

describe("feedText", () => {
  test("is a valid podcast that a reader of feeds understands", () => {
    const { items = [], ...channel } = readFeed(feedText(CHANNEL, [ITEM]));
    expect(channel).toMatchObject({
      title: "Songs & <more>",
      description: 'All "mine"',
      link: "https://me.example/songs/",
      language: "de-AT",
      generator: "producer-mirror",
      atom: { links: [{ href: "https://me.example/songs/feed.xml", rel: "self" }] },
      itunes: { author: "Me", explicit: false, image: "https://me.example/songs/cover.jpg?a=1&b=2" },
    });
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      title: "Neon",
      description: "[Verse]\nWoke up <early> & late\n\n[Chorus]\nSun",
      content: { encoded: "<p>[Verse]<br/>\nWoke up &lt;early&gt; &amp; late</p>\n<p>[Chorus]<br/>\nSun</p>" },
      enclosures: [{ url: "https://me.example/songs/a.m4a", length: 1234, type: "audio/mp4" }],
      guid: { value: "producer-mirror:0123456789abcdef", isPermaLink: false },
      itunes: { duration: 135, image: "https://me.example/songs/a.jpg" },
    });
    expect(new Date(String(items[0]?.pubDate)).getTime()).toBe(Date.UTC(2025, 11, 30, 18, 36));
  });

  test("is valid without a song, and without what a song may lack", () => {
    expect(readFeed(feedText({ ...CHANNEL, imageUrl: null }, [])).items ?? []).toEqual([]);
    const bare = { ...ITEM, lyric: null, durationSeconds: 0.2, imageUrl: null, title: "\u0007\uffff" };
    const { items } = readFeed(feedText(CHANNEL, [bare]));
    expect(items).toMatchObject([{ title: "untitled" }]);
    expect(items?.[0]).not.toHaveProperty("description");
  });

  test("holds any text, without what XML cannot hold", () => {
    const text = fc.string({ unit: "binary", maxLength: 40 });
    const nasty = fc.oneof(
      text,
      fc.constantFrom(
        "]]>",
        "a\r\nb\rc",
        "<![CDATA[",
        "&amp;",
        "</item>",
        "\ud800",
        "\0",
        "\u001b[2J",
        "\ufffe",
        "<!--",
        "<?x?>",
      ),
    );
    fc.assert(
      fc.property(nasty, nasty, (title, lyric) => {
        const xml = feedText({ ...CHANNEL, title: `t${title}` }, [
          { ...ITEM, title: `t${title}`, lyric: `l${lyric}l` },
        ]);
        validateFeed(xml);
        expect(xml.isWellFormed()).toBe(true);
        const [, read = ""] = /<item>[^]*<description>([^]*?)<\/description>\n<content/.exec(xml) ?? [];
        const entities = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&" } as Record<
          string,
          string
        >;
        expect(read.replace(/&\w+;/g, (found) => entities[found] ?? found)).toBe(heldByXml(`l${lyric}l`));
      }),
    );
  });

  test("the schema finds what is wrong", () => {
    const good = feedText(CHANNEL, [ITEM]);
    for (const [from, to] of [
      ["</item>", ""],
      ['length="1234"', 'length="0"'],
      ['type="audio/mp4"', 'type="video/mp4"'],
      ['<guid isPermaLink="false">producer-mirror:0123456789abcdef</guid>', ""],
      ["Tue, 30 Dec 2025", "2025-12-30"],
      ["https://me.example/songs/a.m4a", "/a b.m4a"],
      ["<language>de-AT</language>", "<language></language>"],
      ["<itunes:author>Me</itunes:author>", "<itunes:artist>Me</itunes:artist>"],
    ] as const) {
      expect(good).toContain(from);
      expect(() => validateFeed(good.replace(from, to))).toThrow(XmlLibError);
    }
  });
});

test.each([
  ["https://me.example", "https://me.example/"],
  ["https://me.example/a b/", "https://me.example/a%20b/"],
  ["http://nas.local:8080/songs//", "http://nas.local:8080/songs/"],
])("--base-url %s is %s", (text, url) => expect(parseBaseUrl(text)).toBe(url));

test.each([
  "me.example/songs",
  "ftp://me.example/",
  "https://me:secret@me.example/",
  "https://me.example/?a",
  "file:///x",
  "",
])("--base-url %s is refused", (text) => expect(() => parseBaseUrl(text)).toThrow("--base-url"));

test("paths become addresses, and endings types", () => {
  expect(urlOf("https://me.example/", "2025/12/Wo & wie? #1 夜 100% [1dd08826].m4a")).toBe(
    "https://me.example/2025/12/Wo%20%26%20wie%3F%20%231%20%E5%A4%9C%20100%25%20%5B1dd08826%5D.m4a",
  );
  expect(["a.m4a", "a.mp3", "a.v2.wav", "a.bin"].map(audioType)).toEqual([
    "audio/mp4",
    "audio/mpeg",
    "audio/wav",
    "application/octet-stream",
  ]);
});
