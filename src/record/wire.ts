import * as z from "zod/mini";
import { nestingDepth, NotJsonError } from "./slice.ts";

/**
 * What arrives, read with patience: every leaf that is not of its type becomes null, numbers may come as text and times
 * as float seconds or ISO 8601. Only a record whose skeleton is wrong is refused. Source: producer-api, task document.
 */
const text = leaf((value) => (typeof value === "string" ? value.toWellFormed() : typeof value === "number" ? String(value) : null));
const real = leaf(toReal);
const flag = leaf((value) => (typeof value === "boolean" ? value : value === "true" ? true : value === "false" ? false : null));
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
  audio_url: text,
  image_url: text,
  video_url: text,
  file_url: text,
  stems_url: text,
});

const result = z.object({
  id: text,
  title: text,
  lyric: text,
  lyrics: text,
  text: text,
  state: text,
  status: text,
  audio_url: text,
  image_url: text,
  video_url: text,
  file_url: text,
  stems_url: text,
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
  id: z.string().check(z.minLength(1), z.maxLength(512)),
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

export type Reading = { id: string; record: WireRecord } | { id: string | undefined; unreadable: string } | { absent: true };

const MAX_DEPTH = 64;

/** Reads one record from its exact text. `{}`, `null` and a record without an id mean "not seen", never unreadable. */
export function readRecord(document: string): Reading {
  let value: unknown;
  try {
    value = JSON.parse(document);
  } catch (cause) {
    throw new NotJsonError(`the record is no JSON: ${(cause as Error).message}`, { cause });
  }
  if (value === null) return { absent: true };
  if (typeof value !== "object" || Array.isArray(value)) return { id: undefined, unreadable: "the record is no object" };
  const id = (value as { id?: unknown }).id;
  if (id === undefined || id === null || id === "") return { absent: true };
  const known = typeof id === "string" ? id.toWellFormed() : undefined;
  if (nestingDepth(document) > MAX_DEPTH) return { id: known, unreadable: `nested more than ${MAX_DEPTH} deep` };
  const parsed = record.safeParse(value);
  if (!parsed.success) return { id: known, unreadable: explain(parsed.error) };
  return { id: parsed.data.id, record: parsed.data };
}

/** Reads the body of a synchronous answer or a callback as the record it will become. */
export function readResult(taskId: string, body: unknown): Reading {
  const parsed = record.safeParse({ id: taskId, response: body });
  return parsed.success ? { id: taskId, record: parsed.data } : { id: taskId, unreadable: explain(parsed.error) };
}

function explain(error: z.core.$ZodError): string {
  const issue = error.issues[0];
  return issue ? `${issue.path.join(".") || "record"}: ${issue.message}` : "not of the shape of a record";
}

function leaf<T>(read: (value: unknown) => T) {
  return z.pipe(z.optional(z.unknown()), z.transform(read));
}

/** Seconds and strengths: a number, or one written as text; `false` stands for "none" in what the vendor's SDKs send. */
function toReal(value: unknown): number | null {
  const number = typeof value === "number" ? value : typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : null;
}

/** Milliseconds UTC from float seconds or ISO 8601. */
function toTime(value: unknown): number | null {
  const seconds = toReal(value);
  const milliseconds = seconds !== null ? Math.round(seconds * 1000) : typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isFinite(milliseconds) && Math.abs(milliseconds) <= 8.64e15 ? milliseconds : null;
}
