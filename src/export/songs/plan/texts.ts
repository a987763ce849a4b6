import crypto from "node:crypto";
import { UNSEEN } from "./clean-name.ts";

const IDS = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
const ADDRESSES = /\b(https?|wss?|ftp):\/\/[^\s"'<>()\]]*/gi;
const SEEN = /[^\s\p{Default_Ignorable_Code_Point}]/u;
/** What most texts are made of, and what is one line as it is. */
const PLAIN = /^[!-~](?:[ -~]*[!-~])?$/;
const TIMED_LINE = /^\s*\[\d{1,3}:\d{2}(?:[.:]\d{1,3})?\]/m;

/** Text without ids and addresses, which could be keys: what is given away holds none. */
export function withoutKeys(text: string): string {
  return text.replace(ADDRESSES, "…").replace(IDS, "…");
}

/** What a lyric is written as: `lrc` where its lines carry times, for players that follow the song. */
export function lyricEnding(lyric: string): "lrc" | "txt" {
  return TIMED_LINE.test(lyric) ? "lrc" : "txt";
}

/** A lyric as a text file: lines that end in LF, nothing that a terminal would obey. */
export function lyricText(lyric: string): string {
  const lines = lyric
    .toWellFormed()
    .replace(/\r\n?/g, "\n")
    .replace(/(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu, "");
  return `${lines.trimEnd()}\n`;
}

/** Text for one line of a playlist or a tag; empty where there is nothing to see. */
export function oneLine(text: string): string {
  if (PLAIN.test(text)) return text;
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(UNSEEN, "")
    .trim();
  return SEEN.test(line) ? line : "";
}

/** A song's title as it is shown; never empty. */
export function songTitle(title: string | null): string {
  return oneLine(withoutKeys(title ?? "")) || "untitled";
}

/** 16 hex digits: enough to tell songs apart, nothing to ask the service with. */
export function songKey(text: string): string {
  return crypto.hash("sha256", text).slice(0, 16);
}

/** The beginning of an id, or of its digest where that is a task's own: of such a one not a character is shown. */
export function shortId(clipId: string, key: string): string {
  return /^[0-9a-f-]{36}$/.test(clipId) ? clipId.slice(0, 8) : key.slice(0, 8);
}
