/** Uuids under one key: how many distinct ones, and the first of them. */
export type KeyCount = { key: string; count: number; sample: string };

export type PickedIds = {
  /** Distinct task ids in the order found, lower case. */
  ids: string[];
  /** How many ids were repetitions. */
  repeated: number;
  /** Lines (of text or NDJSON) that held no id. */
  useless: number;
  /** Texts in the place of a task id that are none. */
  rejected: { text: string; reason: string }[];
  /** The keys under which the ids were; `NO_KEY` for those in plain text. */
  taken: KeyCount[];
  /** Uuids that are something else by their own key, or in a URL: left alone. */
  leftAlone: KeyCount[];
};

/** What is shown instead of a key for a uuid in plain text, and for one in a URL or path. */
export const NO_KEY = "no key";
export const IN_URL = "in a URL or path";

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const WHOLE = new RegExp(`^${UUID}$`, "i");
/** Not within a longer word, nor the name of a clip's file or an address of mail; `task-` may come before it. */
const INSIDE = `(?:(?<=\\btasks?-)|(?<![0-9a-z-]))${UUID}(?![0-9a-z-]|_[0-9]|@[a-z])`;
const ANYWHERE = new RegExp(UUID, "i");

/** True for a uuid and nothing else. */
export function isUuid(text: string): boolean {
  return WHOLE.test(text);
}

export function hasUuid(text: string): boolean {
  return ANYWHERE.test(text);
}

/** Every uuid that is no part of a longer word in a text, with its position. */
export function uuidsIn(text: string): IterableIterator<RegExpExecArray> {
  return text.matchAll(new RegExp(INSIDE, "gi"));
}

/** Gathers what was found, each id once. */
export class Collector {
  useless = 0;
  seen = 0;
  readonly #ids = new Set<string>();
  readonly #rejected = new Map<string, string>();
  readonly #taken = new Map<string, Set<string>>();
  readonly #left = new Map<string, Set<string>>();

  add(text: string, key = NO_KEY): void {
    this.seen++;
    this.#ids.add(text.toLowerCase());
    addTo(this.#taken, key, text);
  }

  /** For what is in the place of a task id. */
  claim(text: string, key = NO_KEY): void {
    if (WHOLE.test(text.trim())) this.add(text.trim(), key);
    else this.#rejected.set(text, "not a task id: a task id is a uuid such as 1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad");
  }

  leave(text: string, key: string): void {
    addTo(this.#left, key, text);
  }

  result(): PickedIds {
    const rejected = [...this.#rejected].map(([text, reason]) => ({ text, reason }));
    return {
      ids: [...this.#ids],
      repeated: this.seen - this.#ids.size,
      useless: this.useless,
      rejected,
      taken: counts(this.#taken),
      leftAlone: counts(this.#left),
    };
  }
}

function addTo(map: Map<string, Set<string>>, key: string, text: string): void {
  const there = map.get(key);
  if (there) there.add(text.toLowerCase());
  else map.set(key, new Set([text.toLowerCase()]));
}

function counts(map: Map<string, Set<string>>): KeyCount[] {
  const all = [...map].map(([key, ids]) => ({ key, count: ids.size, sample: [...ids][0] ?? "" }));
  return all.toSorted((a, b) => b.count - a.count);
}
