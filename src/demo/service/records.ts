import type { Library, RecordValue } from "../library/library-types.ts";

/** What the filters of a listing look at. */
export type IndexEntry = { id: string; createdAt: number; fields: Record<string, unknown> };

/** The records that the stand-in holds: a Map that a library fills and tests change. */
export class RecordBook {
  readonly #values = new Map<string, RecordValue>();
  readonly #asked = new Map<string, number>();
  readonly #entries = new Map<string, IndexEntry>();
  #sorted: IndexEntry[] | undefined;

  constructor(library: Library) {
    for (let n = 0; n < library.size; n += 1) {
      this.#values.set(library.id(n), (asked) => resolve(library.value(n), asked));
    }
  }

  get size(): number {
    return this.#values.size;
  }

  has(id: string): boolean {
    return this.#values.has(id);
  }

  keys(): MapIterator<string> {
    return this.#values.keys();
  }

  /** The record in its last form. */
  get(id: string): string | object | undefined {
    const value = this.#values.get(id);
    return value === undefined ? undefined : resolve(value, Infinity);
  }

  set(id: string, value: RecordValue): this {
    this.#forget(id);
    this.#values.set(id, value);
    return this;
  }

  delete(id: string): boolean {
    this.#forget(id);
    return this.#values.delete(id);
  }

  /** The text to answer with; counts the question. */
  answer(id: string): string | undefined {
    const value = this.#values.get(id);
    if (value === undefined) return undefined;
    const asked = this.#asked.get(id) ?? 0;
    this.#asked.set(id, asked + 1);
    const record = resolve(value, asked);
    return typeof record === "string" ? record : JSON.stringify(record);
  }

  /** What a listing needs of one record; made once. */
  entry(id: string): IndexEntry | undefined {
    const known = this.#entries.get(id);
    if (known !== undefined || !this.#values.has(id)) return known;
    const entry = entryOf(id, this.get(id));
    this.#entries.set(id, entry);
    return entry;
  }

  newestFirst(): IndexEntry[] {
    this.#sorted ??= byAge([...this.#values.keys()].flatMap((id) => this.entry(id) ?? []));
    return this.#sorted;
  }

  #forget(id: string): void {
    this.#entries.delete(id);
    this.#sorted = undefined;
  }
}

export function byAge(entries: IndexEntry[]): IndexEntry[] {
  return entries.toSorted((one, other) => other.createdAt - one.createdAt);
}

function resolve(value: RecordValue, asked: number): string | object {
  return typeof value === "function" ? value(asked) : value;
}

/** Text that is no JSON object can still be asked for by its id; it counts as the oldest. */
function entryOf(id: string, value: string | object | undefined): IndexEntry {
  try {
    const record = (typeof value === "string" ? JSON.parse(value) : value) as Record<string, unknown>;
    const { user_id, application_id, type } = record;
    return { id, createdAt: Number(record["created_at"] ?? 0) || 0, fields: { user_id, application_id, type } };
  } catch {
    return { id, createdAt: 0, fields: {} };
  }
}
