import * as z from "zod/mini";
import { nestingDepth, NotJsonError, sliceMembers } from "./slice.ts";

/**
 * What arrives, read with patience: every leaf that is not of its type becomes null, numbers may come as text and times
 * as float seconds or ISO 8601. Only a record whose skeleton is wrong is refused. Source: producer-api, task document.
 */
const text = leaf((value) =>
  typeof value === "string" ? value.toWellFormed() : Number.isFinite(value) ? String(value) : null,
);
const link = leaf((value) => (typeof value === "string" ? value.toWellFormed() : null));
const real = leaf(toReal);
const flag = leaf((value) =>
  typeof value === "boolean" ? value : value === "true" ? true : value === "false" ? false : null,
);
const time = leaf(toTime);

const clip = z.object({
  id: text,
  title: text,
  lyric: text,
  prompt: text,
  style: text,
  sound: text,
  topic: text,
  model: text,
  state: text,
  status: text,
  progress: text,
  duration: real,
  seed: text,
  image_id: text,
  created_at: time,
  audio_url: link,
  image_url: link,
  video_url: link,
  file_url: link,
  stems_url: link,
});

/** Kept loose: any field at all makes it non-empty. */
const result = z.looseObject({
  id: text,
  title: text,
  lyric: text,
  lyrics: text,
  text: text,
  state: text,
  status: text,
  audio_url: link,
  image_url: link,
  video_url: link,
  file_url: link,
  stems_url: link,
});

const request = z.object({
  action: text,
  model: text,
  prompt: text,
  lyric: text,
  title: text,
  custom: flag,
  instrumental: flag,
  audio_id: text,
  swap_audio_id: text,
  continue_at: real,
  replace_section_start: real,
  replace_section_end: real,
  lyrics_strength: real,
  sound_strength: real,
  cover_strength: real,
  weirdness: real,
  seed: text,
  style: text,
  style_negative: text,
  vocal_gender: text,
  lyric_prompt: text,
  callback_url: text,
});

const response = z.object({
  success: flag,
  state: text,
  status: text,
  error: z.optional(z.unknown()),
  data: z.optional(z.nullable(z.union([z.array(clip), result]))),
});

const record = z.object({
  _id: text,
  id: z.pipe(
    z.string().check(z.minLength(1), z.maxLength(512)),
    z.transform((id) => id.toWellFormed()),
  ),
  type: text,
  state: text,
  status: text,
  api_id: text,
  application_id: text,
  credential_id: text,
  user_id: text,
  trace_id: text,
  created_at: time,
  started_at: time,
  finished_at: time,
  elapsed: real,
  duration: real,
  request: z.optional(z.nullable(request)),
  response: z.optional(z.nullable(response)),
});

export type WireClip = z.infer<typeof clip>;
export type WireResult = z.infer<typeof result>;
export type WireRequest = z.infer<typeof request>;
export type WireResponse = z.infer<typeof response>;
export type WireRecord = z.infer<typeof record>;

export type Reading =
  { id: string; record: WireRecord } | { id: string | undefined; unreadable: string } | { absent: true };

const MAX_DEPTH = 64;
const TOO_DEEP = `nested more than ${MAX_DEPTH} deep`;
const LONG_INTEGER = /[:[,]\s*-?\d{16}/;

/** Reads one record from its exact text. `{}`, `null` and a record without an id mean "not seen", never unreadable. */
export function readRecord(document: string): Reading {
  if (nestingDepth(document) > MAX_DEPTH) return { id: idOfDeep(document), unreadable: TOO_DEEP };
  const value = parse(document);
  if (value === null) return { absent: true };
  if (typeof value !== "object" || Array.isArray(value))
    return { id: undefined, unreadable: "the record is no object" };
  const id = (value as { id?: unknown }).id;
  if (id === undefined || id === null || id === "") return { absent: true };
  const parsed = record.safeParse(value);
  if (!parsed.success)
    return { id: typeof id === "string" ? id.toWellFormed() : undefined, unreadable: explain(parsed.error) };
  return { id: parsed.data.id, record: parsed.data };
}

/** Reads the body of a synchronous answer or a callback as the record it will become. */
export function readResult(taskId: string, document: string): Reading {
  if (nestingDepth(document) > MAX_DEPTH) return { id: taskId, unreadable: TOO_DEEP };
  const parsed = record.safeParse({ id: taskId, response: parse(document) });
  return parsed.success ? { id: taskId, record: parsed.data } : { id: taskId, unreadable: explain(parsed.error) };
}

/** Integers too large for a double, such as a seed, come as their digits. */
function parse(document: string): unknown {
  try {
    return LONG_INTEGER.test(document)
      ? (JSON.parse(document, keepLong as (key: string, value: unknown) => unknown) as unknown)
      : (JSON.parse(document) as unknown);
  } catch (cause) {
    throw new NotJsonError(`the record is no JSON: ${(cause as Error).message}`, { cause });
  }
}

function keepLong(_key: string, value: unknown, { source = "" }: { source?: string }): unknown {
  return typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? source : value;
}

/** Such a text is not parsed as a whole; its id is still told, so that it can be named. */
function idOfDeep(document: string): string | undefined {
  const member = sliceMembers(document, document.search(/\S/)).findLast(
    ({ key, depth }) => key === "id" && depth === 0,
  );
  const id = member && parse(document.slice(member.start, member.end));
  return typeof id === "string" && id !== "" ? id.toWellFormed() : undefined;
}

function explain(error: z.core.$ZodError): string {
  const issue = error.issues[0];
  return issue ? `${issue.path.join(".") || "record"}: ${issue.message}` : "not of the shape of a record";
}

function leaf<T>(read: (value: unknown) => T) {
  return z.transform(read);
}

/** Seconds and strengths: a number, or one written as text; `false` stands for "none" in what the vendor's SDKs send. */
function toReal(value: unknown): number | null {
  const number =
    typeof value === "number" ? value : typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : null;
}

/** Milliseconds UTC from float seconds or ISO 8601; a time without a zone is UTC wherever the program runs. */
function toTime(value: unknown): number | null {
  const seconds = toReal(value);
  const milliseconds =
    seconds !== null ? Math.round(seconds * 1000) : typeof value === "string" ? parseIso(value) : Number.NaN;
  return Number.isFinite(milliseconds) && Math.abs(milliseconds) <= 8.64e15 ? milliseconds : null;
}

function parseIso(value: string): number {
  const [, date, time, zone] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-]\d\d:?\d\d)?)?$/i.exec(value.trim()) ?? [];
  return date === undefined ? Number.NaN : Date.parse(`${date}T${time ?? "00:00:00"}${zone ?? "Z"}`);
}
