import type { DemoLibrary, RecordValue } from "../library/library-types.ts";

/** What the filters of a listing look at. */
export type IndexEntry = { id: string; createdAt: number; fields: Record<string, unknown> };

/** The records that the API serves. A library fills it; tests change it. */
export class RecordStore {
  readonly #values = new Map<string, RecordValue>();
  readonly #fetches = new Map<string, number>();
  readonly #index = new Map<string, IndexEntry>();
  #newestFirst: IndexEntry[] | undefined;

  constructor(library: DemoLibrary) {
    for (let n = 0; n < library.size; n += 1) {
      this.#values.set(library.id(n), (fetches) => resolve(library.value(n), fetches));
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

  /** The record in its final form. */
  get(id: string): string | object | undefined {
    const value = this.#values.get(id);
    return value === undefined ? undefined : resolve(value, Infinity);
  }

  set(id: string, value: RecordValue): this {
    this.#forgetIndex(id);
    this.#values.set(id, value);
    return this;
  }

  delete(id: string): boolean {
    this.#forgetIndex(id);
    return this.#values.delete(id);
  }

  /** The JSON text to send, or undefined. Counts the fetches of each id, since a record may depend on that number. */
  fetch(id: string): string | undefined {
    const value = this.#values.get(id);
    if (value === undefined) return undefined;
    const fetches = this.#fetches.get(id) ?? 0;
    this.#fetches.set(id, fetches + 1);
    const record = resolve(value, fetches);
    return typeof record === "string" ? record : JSON.stringify(record);
  }

  /** What a listing needs of one record; read once, then cached. */
  entry(id: string): IndexEntry | undefined {
    const cached = this.#index.get(id);
    if (cached !== undefined || !this.#values.has(id)) return cached;
    const entry = entryOf(id, this.get(id));
    this.#index.set(id, entry);
    return entry;
  }

  newestFirst(): IndexEntry[] {
    this.#newestFirst ??= sortNewestFirst([...this.#values.keys()].flatMap((id) => this.entry(id) ?? []));
    return this.#newestFirst;
  }

  #forgetIndex(id: string): void {
    this.#index.delete(id);
    this.#newestFirst = undefined;
  }
}

export function sortNewestFirst(entries: IndexEntry[]): IndexEntry[] {
  return entries.toSorted((one, other) => other.createdAt - one.createdAt);
}

function resolve(value: RecordValue, fetches: number): string | object {
  return typeof value === "function" ? value(fetches) : value;
}

/** Text that is no JSON object can still be fetched by its id; it counts as the oldest. */
function entryOf(id: string, value: string | object | undefined): IndexEntry {
  try {
    const record = (typeof value === "string" ? JSON.parse(value) : value) as Record<string, unknown>;
    const { user_id, application_id, type } = record;
    return { id, createdAt: Number(record["created_at"] ?? 0) || 0, fields: { user_id, application_id, type } };
  } catch {
    return { id, createdAt: 0, fields: {} };
  }
}
