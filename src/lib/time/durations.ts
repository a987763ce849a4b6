import { UsageError } from "../errors.ts";

const UNITS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const PART = /(\d+(?:\.\d+)?)\s*(ms|[smhdw])\s*/gy;

/** `90`, `1.5`, `3:05`, `1:02:03`, `90s`, `1h30m`, `2d`: seconds. Throws UsageError, which says what `flag` takes. */
export function parseDuration(text: string, flag: string): number {
  const seconds = read(text.trim().toLowerCase());
  if (seconds !== undefined && Number.isFinite(seconds)) return seconds;
  throw new UsageError(`${flag} is "${text}"; it takes a length of time such as 90 (seconds), 3:05, 90s, 1h30m or 2d`);
}

/** Minutes and seconds as a player shows them: `2:15`, `1:02:03`; "" for null. */
export function clockTime(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return "";
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (part: number) => String(part).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

function read(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  if (/^\d+(:[0-5]\d){1,2}$/.test(text)) return text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  const parts = [...text.matchAll(PART)];
  const complete = parts.length > 0 && parts.reduce((length, [whole]) => length + whole.length, 0) === text.length;
  return complete
    ? parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? "s"] ?? 1), 0)
    : undefined;
}
