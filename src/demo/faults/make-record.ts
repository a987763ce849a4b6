import { finishedClip } from "../library/clip-shape.ts";
import { seedOf, uuidOf } from "../library/ids.ts";
import type { Library, TaskRecord } from "../library/library-types.ts";
import { lyricOf, MODELS, promptOf, titleOf } from "./made-up-words.ts";
import { milliseconds, taskRecord } from "../library/record-shape.ts";

export type RecordOptions = {
  /** Another seed, other records. */
  seed?: string | number;
  /** Origin of the files; the real bucket unless said. */
  assetBase?: string;
};

/** Fields to put over the record; `undefined` removes one. `request`, `response` and `clip` are put over field by field. */
export type Overrides = Record<string, unknown> & {
  request?: Record<string, unknown>;
  response?: Record<string, unknown>;
  /** Fields of the only clip. */
  clip?: Record<string, unknown>;
};

const BUCKET_ORIGIN = "https://storage.googleapis.com";
const FIRST = Date.UTC(2025, 9, 1) / 1000;
/** A prime number of seconds between records: 10,000 of them fill the time to November 2026. */
const STEP = 3607;
const YEAR = 400 * 86_400;

/** The nth of any number of distinct, finished songs; cheap, and the same each time. */
export function makeRecord(n: number, overrides: Overrides = {}, options: RecordOptions = {}): TaskRecord {
  const { clip, request, response, ...fields } = overrides;
  const made = plainRecord(n, options);
  const [first] = made.response.data;
  const data = [withFields({ ...first }, clip)];
  const whole = {
    ...made,
    request: withFields(made.request, request),
    response: withFields({ ...made.response, data }, response),
  };
  return withFields(whole, fields);
}

/** A library of so many of them; a record is made when it is asked for. */
export function makeLibrary(options: RecordOptions & { tasks: number; overrides?: Overrides }): Library {
  return {
    size: options.tasks,
    id: (n) => taskIdOf(n, options.seed),
    value: (n) => makeRecord(n, options.overrides, options),
    unknownIds: [],
  };
}

export function taskIdOf(n: number, seed: string | number = 1): string {
  return uuidOf(`task ${seed} ${n}`);
}

export function clipIdOf(n: number, seed: string | number = 1): string {
  return uuidOf(`clip ${seed} ${n}`);
}

type PlainRecord = TaskRecord & { request: Record<string, unknown>; response: { data: Record<string, unknown>[] } };

function plainRecord(n: number, { seed = 1, assetBase = BUCKET_ORIGIN }: RecordOptions): PlainRecord {
  const id = taskIdOf(n, seed);
  const createdAt = milliseconds(FIRST + ((n * STEP) % YEAR) + Math.floor((n * STEP) / YEAR) + (n % 997) / 1000);
  const model = MODELS[n % MODELS.length] ?? MODELS[0];
  const words = { title: titleOf(n), lyric: lyricOf(n), model };
  const clip = finishedClip({
    ...words,
    id: clipIdOf(n, seed),
    assetBase,
    seed: seedOf(id),
    createdAt: createdAt + 15,
  });
  const request = {
    action: "generate",
    model,
    instrumental: false,
    lyric: words.lyric,
    prompt: promptOf(n),
    custom: true,
  };
  const response = { task_id: id, data: [clip] };
  const elapsed = milliseconds(30 + (n % 20) + 0.005);
  return taskRecord({ id, type: "audios", request, response, createdAt, elapsed }) as PlainRecord;
}

function withFields<T extends object>(value: T, fields: Record<string, unknown> = {}): T {
  const whole: Record<string, unknown> = { ...value, ...fields };
  for (const [name, field] of Object.entries(fields)) if (field === undefined) delete whole[name];
  return whole as T;
}
