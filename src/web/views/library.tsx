import { useEffect, useRef, useState } from "preact/hooks";
import { Filters } from "../parts/filters.tsx";
import { Icon } from "../parts/icon.tsx";
import { Menu } from "../parts/menu.tsx";
import { SelectionBar } from "../parts/selection-bar.tsx";
import { SongList } from "../parts/song-list.tsx";
import { address, go, withWords } from "../state/address.ts";
import { count } from "../state/song.ts";
import { addKeys } from "../state/keys.ts";
import { FILTER_WORDS, library, openLibrary } from "../state/library.ts";
import { clearSelection, isSelecting } from "../state/selection.ts";
import { set, settings } from "../state/settings.ts";
import { EmptyLibrary, Failure, NothingFound, Skeleton } from "./library-states.tsx";

const SORTS = [
  { value: null, label: "Newest" },
  { value: "created", label: "Oldest" },
  { value: "title", label: "Title" },
  { value: "-duration", label: "Longest" },
  { value: "duration", label: "Shortest" },
  { value: "model", label: "Model" },
];
const TYPING_MS = 120;

/** The whole library, searched and filtered as the address says. */
export function Library() {
  const { query } = address.value;
  const text = query.toString();
  const { total, failure } = library.value;
  const { view } = settings.value;
  useEffect(() => void openLibrary(query), [text]);
  const isNarrowed = [...FILTER_WORDS, "q"].some((name) => query.has(name));
  return (
    <div class="view">
      <header class="head">
        <h1 class="vh">Library</h1>
        <div class="bar">
          <SearchField text={query.get("q") ?? ""} />
          {!query.has("q") && (
            <Menu
              label={`Sort ${SORTS.find(({ value }) => value === query.get("sort"))?.label ?? "Newest"}`}
              choices={SORTS.map(({ value, label }) => ({
                label,
                isOn: value === query.get("sort"),
                choose: () => go(withWords({ sort: value }), true),
              }))}
            />
          )}
          <span class="seg" role="group" aria-label="View">
            {(["grid", "list"] as const).map((name) => (
              <button
                key={name}
                type="button"
                aria-pressed={view === name}
                aria-label={name === "grid" ? "Covers" : "List"}
                onClick={() => set({ view: name })}
              >
                <Icon name={name} size="s" />
              </button>
            ))}
          </span>
        </div>
        <div class="chips">
          <Filters query={query} />
          <span class="count" role="status">
            {total !== undefined && <b>{count(total, "song")}</b>}
          </span>
        </div>
      </header>
      {failure ? (
        <Failure failure={failure} />
      ) : total === undefined ? (
        <Skeleton view={view} />
      ) : total === 0 ? (
        isNarrowed ? (
          <NothingFound query={query} />
        ) : (
          <EmptyLibrary />
        )
      ) : (
        <SongList key={`${text} ${view}`} view={view} box={`library ${view}`} />
      )}
      {isSelecting.value && <SelectionBar />}
    </div>
  );
}

/** Hits come while one types; the list stays until the new one is there. */
function SearchField({ text }: { text: string }) {
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(text);
  const sent = useRef(text);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // What the address says of a word that is still being typed is older than the field.
  useEffect(() => {
    if (text !== sent.current) setTyped(text);
    sent.current = text;
  }, [text]);
  useEffect(
    () =>
      addKeys("Library", [
        { key: "/", label: "Search", run: () => field.current?.focus() },
        { key: "v", label: "Covers or list", letter: true, run: toggleView },
        { key: "Escape", label: "Let go of the selection", run: clearSelection },
      ]),
    [],
  );
  const search = (words: string) => {
    setTyped(words);
    clearTimeout(timer.current);
    sent.current = words.trim();
    // The first word goes into the history, further ones replace it: back leaves the search.
    timer.current = setTimeout(
      () => go(withWords({ q: words.trim() || null }, "/"), address.value.query.has("q")),
      TYPING_MS,
    );
  };
  return (
    <label class="field">
      <Icon name="search" />
      <span class="vh">Search title, lyric, prompt</span>
      <input
        ref={field}
        type="search"
        name="q"
        autocomplete="off"
        placeholder="Search title, lyric, prompt"
        value={typed}
        onInput={(event) => search(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          search("");
          event.currentTarget.blur();
        }}
      />
      {!typed && <kbd aria-hidden="true">/</kbd>}
    </label>
  );
}

function toggleView(): void {
  set({ view: settings.value.view === "grid" ? "list" : "grid" });
}
