import type { WireClip, WireRecord, WireResponse, WireResult } from "./wire.ts";

/** Media = any audio, video, wav or stems URL, fetched or not; a cover alone is none. */
export function clipHasMedia(clip: WireClip | WireResult): boolean {
  return [clip.audio_url, clip.video_url, clip.file_url, clip.stems_url].some((url) => Boolean(url?.trim()));
}

/** `error.code`, `error.message` of a response: an object, a bare string, or nothing. */
export function responseError(response: WireResponse | null | undefined): {
  code: string | null;
  message: string | null;
} {
  const error = response?.error;
  if (typeof error === "string") return { code: null, message: error.toWellFormed() || null };
  if (typeof error !== "object" || error === null) return { code: null, message: null };
  const { code, message } = error as { code?: unknown; message?: unknown };
  return { code: asText(code), message: asText(message) };
}

/** When a task ended: some services say it in the response. */
export function endOf({ finished_at: finishedAt, response }: WireRecord): number | null {
  return finishedAt ?? response?.finished_at ?? null;
}

/** Whether a response is a placeholder, without any result. */
export function isPlaceholder(response: WireResponse): boolean {
  return (
    response.success === null && response.error == null && response.data == null && !response.state && !response.status
  );
}

/** The clips of a response; none when its data is no list. */
export function songsOf(response: WireResponse): WireClip[] {
  return Array.isArray(response.data) ? response.data : [];
}

/** Whether any part has media. */
export function hasMedia(response: WireResponse): boolean {
  const { data } = response;
  return Array.isArray(data) ? data.some(clipHasMedia) : data != null && clipHasMedia(data);
}

function asText(value: unknown): string | null {
  return typeof value === "string" && value !== ""
    ? value.toWellFormed()
    : typeof value === "number"
      ? String(value)
      : null;
}
