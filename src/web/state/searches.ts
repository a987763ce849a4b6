import { effect, signal } from "@preact/signals";
import { store, stored } from "./settings.ts";

/** A search or filter that is kept under a name: the words of its address. */
export type KeptSearch = { name: string; query: string };

const NAME = "producer-mirror searches";
const MOST = 40;

/** Kept in this browser. */
export const searches = signal<KeptSearch[]>(stored<KeptSearch[]>(NAME) ?? []);

/** Keeps a search; one of the same name is replaced. */
export function keepSearch(search: KeptSearch): void {
  searches.value = [...searches.value.filter(({ name }) => name !== search.name), search].slice(-MOST);
}

export function dropSearch(search: KeptSearch): void {
  searches.value = searches.value.filter((one) => one !== search);
}

/** A name for what an address looks for: `chorus with "river"`, `FUZZ-2.0, rated 4`. */
export function nameOf(query: URLSearchParams): string {
  const parts = [...query].flatMap(([name, value]) => {
    if (["sort", "group", "takes"].includes(name)) return [];
    if (name === "q") return [`“${value}”`];
    if (name === "min-rating") return [`rated ${value}`];
    if (name === "starred") return [value === "true" ? "starred" : "not starred"];
    if (name === "heard") return [value === "true" ? "heard" : "not heard"];
    return [value === "true" ? name : value.replaceAll("_", " ").replaceAll(",", ", ")];
  });
  return parts.join(", ").slice(0, 60);
}

effect(() => store(NAME, searches.value));
