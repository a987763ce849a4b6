import { useEffect, useState } from "preact/hooks";
import { go, withWords } from "../../state/address.ts";
import { ask } from "../../state/api.ts";
import { FILTER_WORDS, library } from "../../state/library.ts";
import { Icon } from "../icon.tsx";
import { Menu } from "../menu.tsx";

type Group = { key: string | null; clips: number };
type Tag = { tag: string; clips: number };

const LENGTHS = [
  { label: "Under 1 minute", words: { "max-duration": "60" } },
  { label: "1 to 2 minutes", words: { "min-duration": "60", "max-duration": "120" } },
  { label: "2 to 4 minutes", words: { "min-duration": "120", "max-duration": "240" } },
  { label: "Over 4 minutes", words: { "min-duration": "240" } },
] satisfies { label: string; words: Record<string, string> }[];
const LENGTH_WORDS = { "min-duration": null, "max-duration": null };
/** Words with a menu of their own; any other that the address holds gets a chip to take it away. */
const WITH_MENU = "model action tag min-duration max-duration min-rating instrumental missing starred heard".split(" ");
const RATINGS = ["1", "2", "3", "4", "5"];

/** The filters of the list as chips; the address holds them. */
export function Filters({ query }: { query: URLSearchParams }) {
  const known = useKnown();
  return (
    <>
      <Several name="model" title="Model" groups={known.models} query={query} />
      <Several name="action" title="Made by" groups={known.actions} query={query} />
      <Menu
        chip
        label={query.has("min-rating") ? `Rated ${query.get("min-rating")} or more` : "Rating"}
        isOn={query.has("min-rating")}
        choices={RATINGS.map((rating) => ({
          label: rating === "5" ? "5" : `${rating} or more`,
          isOn: query.get("min-rating") === rating,
          choose: () => go(withWords({ "min-rating": query.get("min-rating") === rating ? null : rating })),
        }))}
      />
      <Toggle name="starred" label="Starred" query={query} />
      <Toggle name="heard" value="false" label="Not heard" query={query} />
      <Menu
        chip
        label={lengthOf(query)?.label ?? "Length"}
        isOn={lengthOf(query) !== undefined}
        choices={LENGTHS.map(({ label, words }) => ({
          label,
          isOn: lengthOf(query)?.label === label,
          choose: () => go(withWords(lengthOf(query)?.label === label ? LENGTH_WORDS : { ...LENGTH_WORDS, ...words })),
        }))}
      />
      {known.tags.length > 0 && (
        <Several
          name="tag"
          title="Tag"
          groups={known.tags.map(({ tag, clips }) => ({ key: tag, clips }))}
          query={query}
        />
      )}
      <Toggle name="instrumental" label="Instrumental" query={query} />
      <Toggle name="missing" value="audio" label="Audio missing" query={query} />
      {FILTER_WORDS.filter((name) => query.has(name) && !WITH_MENU.includes(name)).map((name) => (
        <Toggle
          key={name}
          name={name}
          value={query.get(name) ?? ""}
          label={`${name} ${query.get(name)}`}
          query={query}
        />
      ))}
    </>
  );
}

function Several({
  name,
  title,
  groups,
  query,
}: {
  name: string;
  title: string;
  groups: Group[];
  query: URLSearchParams;
}) {
  const on = query.get(name)?.split(",").filter(Boolean) ?? [];
  const choose = (key: string) => {
    const next = on.includes(key) ? on.filter((one) => one !== key) : [...on, key];
    go(withWords({ [name]: next.join(",") || null }), on.length > 0);
  };
  return (
    <Menu
      chip
      isMany
      isOn={on.length > 0}
      {...(on.length > 0 && { title })}
      label={on.length > 0 ? on.join(", ").replaceAll("_", " ") : title}
      clear={() => go(withWords({ [name]: null }))}
      choices={groups.flatMap(({ key, clips }) =>
        key === null
          ? []
          : [
              {
                label: key.replaceAll("_", " "),
                note: clips.toLocaleString("en"),
                isOn: on.includes(key),
                choose: () => choose(key),
              },
            ],
      )}
    />
  );
}

function Toggle({
  name,
  value = "true",
  label,
  query,
}: {
  name: string;
  value?: string;
  label: string;
  query: URLSearchParams;
}) {
  const isOn = query.get(name) === value;
  return (
    <button
      type="button"
      class={`chip ${isOn ? "on" : ""}`}
      aria-pressed={isOn}
      onClick={() => go(withWords({ [name]: isOn ? null : value }))}
    >
      {label}
      {isOn && (
        <span class="x">
          <Icon name="close" size="s" />
        </span>
      )}
    </button>
  );
}

function lengthOf(query: URLSearchParams) {
  const words = (from: Record<string, string>) => `${from["min-duration"] ?? ""} ${from["max-duration"] ?? ""}`;
  return LENGTHS.find((one) => words(one.words) === words(Object.fromEntries(query)));
}

/** What the archive has to choose from. */
function useKnown() {
  const [known, setKnown] = useState<{ models: Group[]; actions: Group[]; tags: Tag[] }>({
    models: [],
    actions: [],
    tags: [],
  });
  // Songs first: counting 100,000 of them takes a while.
  const isShown = library.value.total !== undefined;
  useEffect(() => {
    if (!isShown) return undefined;
    const stop = new AbortController();
    Promise.all([
      ask<{ by: { model: Group[]; action: Group[] } }>("/api/stats", {}, stop.signal),
      ask<{ items: Tag[] }>("/api/tags", {}, stop.signal),
    ]).then(
      ([{ by }, tags]) => setKnown({ models: by.model, actions: by.action, tags: tags.items }),
      () => {},
    );
    return () => stop.abort();
  }, [isShown]);
  return known;
}
