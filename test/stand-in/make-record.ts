import { finishedClip } from "../../src/demo/library/clip-shape.ts";
import { seedOf, uuidOf } from "../../src/demo/library/ids.ts";
import type { DemoLibrary, TaskRecord } from "../../src/demo/library/library-types.ts";
import { milliseconds, taskRecord } from "../../src/demo/library/record-shape.ts";
import { lyricOf, MODELS, promptOf, titleOf } from "./made-up-words.ts";

export type RecordOptions = {
  /** Another seed, other records. */
  seed?: string | number;
  /** Origin of the files; default: the real bucket. */
  assetBase?: string;
};

/** Fields that replace those of the record; `undefined` removes one. `request`, `response` and `clip` are merged field by field. */
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
  const plain = plainRecord(n, options);
  const [first] = plain.response.data;
  const data = [withFields({ ...first }, clip)];
  const whole = {
    ...plain,
    request: withFields(plain.request, request),
    response: withFields({ ...plain.response, data }, response),
  };
  return withFields(whole, fields);
}

/** A library of so many of them; a record is made when it is requested. */
export function makeLibrary(options: RecordOptions & { tasks: number; overrides?: Overrides }): DemoLibrary {
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
  const texts = { title: titleOf(n), lyric: lyricOf(n), model };
  const clip = finishedClip({
    ...texts,
    id: clipIdOf(n, seed),
    assetBase,
    seed: seedOf(id),
    createdAt: createdAt + 15,
  });
  const request = {
    action: "generate",
    model,
    instrumental: false,
    lyric: texts.lyric,
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
