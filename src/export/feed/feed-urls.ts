import { UsageError } from "../../lib/errors.ts";

const TYPES: Record<string, string> = {
  m4a: "audio/mp4",
  mp3: "audio/mpeg",
  wav: "audio/wav",
};

/** The URL of a folder on a web server, ended by `/`. Throws UsageError. */
export function parseBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const takes = `--base-url is "${text}"; it takes the address of the folder, such as https://me.example/songs/`;
  if (!url || !/^https?:$/.test(url.protocol)) throw new UsageError(takes);
  if (url.username || url.password)
    throw new UsageError("--base-url holds a name and a password, which everybody would see who gets the feed", {
      hint: "leave them out: podcast programs ask for them",
    });
  if (url.search || url.hash) throw new UsageError(`${takes}, without ? and #`);
  return url.href.replace(/\/*$/, "/");
}

/** Where a file will be: `path` is relative to the folder at `base`, with forward slashes. */
export function urlOf(base: string, path: string): string {
  return base + path.split("/").map(encodeURIComponent).join("/");
}

/** The type of a file of sound, by its ending. */
export function audioType(path: string): string {
  return TYPES[/\.([a-z0-9]+)$/.exec(path)?.[1] ?? ""] ?? "application/octet-stream";
}
