import * as z from "zod/mini";
import { flag, leaves, link, real, span, text, time } from "./leaves.ts";
import { measure, NotJsonError, sliceMembers } from "./slice.ts";

/**
 * The shape of what arrives, read leniently: every leaf that is not of its type becomes null, numbers may come as text and times
 * in any form (`lib/time/moment.ts`). Only a record whose skeleton is wrong is refused. Source: producer-api, task document.
 */
const clip = leaves({
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
  duration: span,
  seed: text,
  image_id: text,
  created_at: time,
  audio_url: link,
  image_url: link,
  video_url: link,
  file_url: link,
  stems_url: link,
});

/** Keeps unknown fields: any field makes it non-empty. */
const result = leaves(
  {
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
  },
  { keepOthers: true },
);

const request = leaves({
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

const response = leaves(
  { success: flag, state: text, status: text, finished_at: time },
  {
    branches: z.looseObject({
      error: z.optional(z.unknown()),
      data: z.optional(z.nullable(z.union([z.array(clip), result]))),
    }),
  },
);

const record = leaves(
  {
    _id: text,
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
    elapsed: span,
    duration: span,
  },
  {
    branches: z.looseObject({
      id: z.pipe(
        z.string().check(z.minLength(1), z.maxLength(512)),
        z.transform((id) => id.toWellFormed()),
      ),
      request: z.optional(z.nullable(request)),
      response: z.optional(z.nullable(response)),
    }),
  },
);

export type WireClip = z.infer<typeof clip>;
export type WireResult = z.infer<typeof result>;
export type WireRequest = z.infer<typeof request>;
export type WireResponse = z.infer<typeof response>;
export type WireRecord = z.infer<typeof record>;

export type Reading =
  { id: string; record: WireRecord } | { id: string | undefined; unreadable: string } | { absent: true };

const MAX_DEPTH = 64;
const TOO_DEEP = `nested more than ${MAX_DEPTH} deep`;

/**
 * Reads one record from its exact text. `{}`, `null` and a record without an id mean "not seen", never unreadable. Throws
 * NotJsonError for text that is not JSON and has no readable id.
 */
export function readRecord(document: string): Reading {
  const { depth, longNumber } = measure(document);
  if (depth > MAX_DEPTH) return { id: idWithin(document), unreadable: TOO_DEEP };
  try {
    return toReading(parse(document, longNumber));
  } catch (error) {
    if (!(error instanceof NotJsonError)) throw error;
    // One record with a NaN, for example, must not cost the other records of its response.
    const id = idWithin(document);
    if (id === undefined) throw error;
    return { id, unreadable: error.message };
  }
}

function toReading(value: unknown): Reading {
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

/** Reads the body of a synchronous response or a callback as the record it will become. */
export function readResult(taskId: string, document: string): Reading {
  const { depth, longNumber } = measure(document);
  if (depth > MAX_DEPTH) return { id: taskId, unreadable: TOO_DEEP };
  const parsed = record.safeParse({ id: taskId, response: parse(document, longNumber) });
  return parsed.success ? { id: taskId, record: parsed.data } : { id: taskId, unreadable: explain(parsed.error) };
}

/** Integers too large for a double, such as a seed, come as their digits. */
function parse(document: string, longNumber = false): unknown {
  try {
    return longNumber
      ? (JSON.parse(document, keepLong as (key: string, value: unknown) => unknown) as unknown)
      : (JSON.parse(document) as unknown);
  } catch (cause) {
    throw new NotJsonError(`the record is no JSON: ${(cause as Error).message}`, { cause });
  }
}

function keepLong(_key: string, value: unknown, { source = "" }: { source?: string }): unknown {
  return typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? source : value;
}

/** The id in a text that is not, or cannot be, parsed as a whole, so that it can be named. Throws NotJsonError. */
function idWithin(document: string): string | undefined {
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
