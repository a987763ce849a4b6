import type { ClipListing } from "../../query/lists/clips.ts";

/** A song as the lists of the service give it, with the person's marks where there are any. */
export type ListedSong = ClipListing & {
  starred?: boolean;
  /** 0 (none) to 5. */
  rating?: number;
  plays?: number;
  snippet?: string;
};

export type SongPage = { items: ListedSong[]; total: number | null; next: string | null };

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
