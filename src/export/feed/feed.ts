import { xmlText } from "../../lib/text/xml-text.ts";

/** A file that the feed points at. */
export type FeedFile = { url: string; bytes: number; type: string };

export type FeedItem = {
  /** The same from run to run, whatever the file is called; no id of the service. */
  guid: string;
  title: string;
  /** Milliseconds UTC. */
  publishedAt: number;
  durationSeconds: number | null;
  lyric: string | null;
  audio: FeedFile;
  imageUrl: string | null;
};

export type Channel = {
  title: string;
  description: string;
  author: string;
  /** As in `en` or `de-AT`. */
  language: string;
  /** Where its files lie. */
  link: string;
  /** Where the feed itself will lie. */
  selfUrl: string;
  imageUrl: string | null;
  explicit: boolean;
};

/** How a feed says that it is one of ours. */
export const GENERATOR = "<generator>producer-mirror</generator>";

const NAMESPACES = [
  `xmlns:atom="http://www.w3.org/2005/Atom"`,
  `xmlns:content="http://purl.org/rss/1.0/modules/content/"`,
  `xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"`,
].join(" ");
/**
 * A podcast of songs: RSS 2.0 (https://www.rssboard.org/rss-specification) with the tags that podcast programs know. It
 * holds no time but those of its songs, so that equal songs give equal bytes, and asks directories to leave it out.
 */
export function feedText(channel: Channel, items: FeedItem[]): string {
  const newest = items.reduce((latest, { publishedAt }) => Math.max(latest, publishedAt), Number.NEGATIVE_INFINITY);
  const lines = [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<rss version="2.0" ${NAMESPACES}>`,
    "<channel>",
    element("title", channel.title),
    element("link", channel.link),
    element("description", channel.description),
    element("language", channel.language),
    ...(items.length > 0 ? [element("pubDate", rssDate(newest))] : []),
    GENERATOR,
    `<atom:link href="${xmlText(channel.selfUrl)}" rel="self" type="application/rss+xml"/>`,
    element("itunes:author", channel.author),
    element("itunes:type", "episodic"),
    element("itunes:explicit", String(channel.explicit)),
    element("itunes:block", "Yes"),
    `<itunes:category text="Music"/>`,
    ...image(channel.imageUrl),
    ...items.map((item) => itemText(item, channel)),
    "</channel>",
    "</rss>",
  ];
  return `${lines.join("\n")}\n`;
}

/** Text in an element for programs that show it as it is, and as HTML for those that know of that. */
function itemText(
  { guid, title, publishedAt, durationSeconds, lyric, audio, imageUrl }: FeedItem,
  channel: Channel,
): string {
  const { url, bytes, type } = audio;
  return [
    "<item>",
    element("title", hasWords(title) ? title : "untitled"),
    ...(lyric === null ? [] : [element("description", lyric), element("content:encoded", htmlText(lyric))]),
    `<enclosure url="${xmlText(url)}" length="${bytes}" type="${xmlText(type)}"/>`,
    `<guid isPermaLink="false">${xmlText(guid)}</guid>`,
    element("pubDate", rssDate(publishedAt)),
    element("itunes:author", channel.author),
    ...duration(durationSeconds),
    element("itunes:explicit", String(channel.explicit)),
    ...image(imageUrl),
    "</item>",
  ].join("\n");
}

function duration(seconds: number | null): string[] {
  const whole = Math.round(seconds ?? 0);
  return whole > 0 ? [element("itunes:duration", String(whole))] : [];
}

function image(url: string | null): string[] {
  return url === null ? [] : [`<itunes:image href="${xmlText(url)}"/>`];
}

function hasWords(text: string): boolean {
  return xmlText(text).trim() !== "";
}

function element(name: string, text: string): string {
  return `<${name}>${xmlText(text)}</${name}>`;
}

/** Verses as paragraphs. */
function htmlText(text: string): string {
  const verses = text
    .replace(/\r\n?/g, "\n")
    .trim()
    .split(/\n\s*\n/);
  return verses.map((verse) => `<p>${xmlText(verse).replaceAll("\n", "<br/>\n")}</p>`).join("\n");
}

/** By RFC 822 with four digits of the year: `Tue, 30 Dec 2025 18:36:00 GMT`. */
function rssDate(time: number): string {
  return new Date(time).toUTCString();
}
