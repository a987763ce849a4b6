import type { ListGroup } from "../../query/lists/arrange.ts";
import type { ClipListing } from "../../query/lists/clips.ts";
import type { Stack } from "../../query/lists/stacks.ts";
import type { Take } from "../../query/lists/takes.ts";

/** A song as the lists of the service give it, with the person's marks where there are any. */
export type ListedSong = ClipListing & {
  snippet?: string;
  /** Where several takes are folded into this one, the best rated. */
  stack?: Stack & { takes: Take[] };
};

export type SongPage = {
  items: ListedSong[];
  total: number | null;
  next: string | null;
  songs?: number;
  groups?: ListGroup[];
};

/** A take as a song of its own: it shares all but its sound with the one that it is folded into. */
export function songOfTake({ stack: _stack, snippet: _snippet, ...shown }: ListedSong, take: Take): ListedSong {
  const { hasAudio, ...own } = take;
  if (own.id === shown.id) return shown;
  return { ...shown, ...own, tags: [], audioPath: hasAudio ? "stored" : null, imagePath: shown.imagePath };
}

/** All takes of a folded stack, or the song alone. */
export function takesOf(clip: ListedSong): ListedSong[] {
  return clip.stack ? clip.stack.takes.map((take) => songOfTake(clip, take)) : [clip];
}

export function titleOf({ title }: { title: string | null }): string {
  return title?.trim() || "Untitled";
}

/** `FUZZ-2.0 Pro · cover` */
export function madeBy({ model, action }: ListedSong): string {
  return [model, action?.replaceAll("_", " ")].filter(Boolean).join(" · ");
}

export function clock(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return "";
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (part: number) => String(part).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** `2 h 9 min`, `4 min` */
export function span(minutes: number): string {
  const whole = Math.max(1, Math.round(minutes));
  return whole < 60 ? `${whole} min` : `${Math.floor(whole / 60)} h ${whole % 60} min`;
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

export function size(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(bytes > 0 ? Math.floor(Math.log10(bytes) / 3) : 0, units.length - 1);
  const value = bytes / 1000 ** power;
  return `${value >= 100 || power === 0 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

export const audioUrl = (id: string) => `/media/${encodeURIComponent(id)}/audio`;
export const coverUrl = (id: string, pixels: number) => `/media/${encodeURIComponent(id)}/image?size=${pixels}`;
