import { useEffect, useRef, useState } from "preact/hooks";
import { Filters } from "../parts/list/filters.tsx";
import { Icon } from "../parts/icon.tsx";
import { KeepSearch } from "../parts/list/keep-search.tsx";
import { Menu } from "../parts/menu.tsx";
import { SelectionBar } from "../parts/list/selection-bar.tsx";
import { SongList } from "../parts/list/song-list.tsx";
import { address, go, withWords } from "../state/address.ts";
import { isUnreachable } from "../state/api.ts";
import { addKeys } from "../state/keys.ts";
import { FILTER_WORDS, groupingOf, library, openLibrary, refreshLibrary, wordsOf } from "../state/library.ts";
import { reached, unfolded } from "../state/reached.ts";
import { clearSelection, isSelecting } from "../state/selection.ts";
import { set, settings } from "../state/settings.ts";
import { count } from "../state/song.ts";
import { EmptyLibrary, Failure, NothingFound, Skeleton } from "./library-states.tsx";

const SORTS = [
  { value: null, label: "Newest" },
  { value: "created", label: "Oldest" },
  { value: "-rating", label: "Rating" },
  { value: "-plays", label: "Most played" },
  { value: "-played", label: "Last played" },
  { value: "title", label: "Title" },
  { value: "-duration", label: "Longest" },
  { value: "duration", label: "Shortest" },
  { value: "model", label: "Model" },
];
const GROUPS = [
  { value: "day", label: "Day" },
  { value: "model", label: "Model" },
  { value: "family", label: "Family" },
  { value: "none", label: "None" },
] as const;
const TYPING_MS = 120;

/** The whole library, searched and filtered as the address says. */
export function Library() {
  const { query } = address.value;
  const words = JSON.stringify(wordsOf(query));
  const { total, failure, key } = library.value;
  const { view } = settings.value;
  const isLost = isUnreachable.value;
  useEffect(() => {
    clearSelection();
    void openLibrary(query);
  }, [words]);
  useEffect(() => {
    [reached.value, unfolded.value] = [0, null];
  }, [key, view]);
  // What failed while the service was away is asked again when it is back.
  useEffect(() => {
    if (!isLost && library.value.failure) void refreshLibrary();
  }, [isLost]);
  const isNarrowed = [...FILTER_WORDS, "q"].some((name) => query.has(name));
  return (
    <div class="view">
      <Head query={query} isNarrowed={isNarrowed} />
      {failure ? (
        <Failure failure={failure} again={() => void refreshLibrary()} />
      ) : total === undefined ? (
        <Skeleton view={view} />
      ) : total === 0 ? (
        isNarrowed ? (
          <NothingFound query={query} />
        ) : (
          <EmptyLibrary />
        )
      ) : (
        <SongList key={`${key} ${view}`} view={view} box={`library ${view}`} />
      )}
      {isSelecting.value && <SelectionBar />}
    </div>
  );
}

function Head({ query, isNarrowed }: { query: URLSearchParams; isNarrowed: boolean }) {
  const { total, songs, key, failure } = library.value;
  const { view } = settings.value;
  const isShown = !failure && key === JSON.stringify(wordsOf(query));
  return (
    <header class="head">
      <h1 class="vh">Library</h1>
      <div class="bar">
        <SearchField text={query.get("q") ?? ""} />
        <Order query={query} />
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
        <span class="only-p">
          <Order query={query} />
        </span>
        <Filters query={query} />
        {isNarrowed && <KeepSearch query={query} />}
        <span class="count" role="status">
          {isShown && total !== undefined && (
            <>
              <b>{count(songs, "song")}</b>
              {songs > total && ` in ${count(total, "stack")}`}
            </>
          )}
        </span>
      </div>
    </header>
  );
}

/** How the list is grouped, ordered and folded. */
function Order({ query }: { query: URLSearchParams }) {
  if (query.has("q")) return null;
  const areApart = query.get("takes") === "apart";
  const grouping = groupingOf(wordsOf(query)) ?? "none";
  return (
    <>
      <Menu
        title="Group"
        label={GROUPS.find(({ value }) => value === grouping)?.label ?? "None"}
        choices={GROUPS.map(({ value, label }) => ({
          label,
          isOn: value === grouping,
          choose: () => go(withWords({ group: value }), true),
        }))}
      />
      <Menu
        title="Sort"
        label={SORTS.find(({ value }) => value === query.get("sort"))?.label ?? "Newest"}
        choices={SORTS.map(({ value, label }) => ({
          label,
          isOn: value === query.get("sort"),
          choose: () => go(withWords({ sort: value }), true),
        }))}
      />
      <button
        type="button"
        class="ib"
        aria-pressed={!areApart}
        aria-label="Fold takes of one song"
        title="Fold takes of one song"
        onClick={() => go(withWords({ takes: areApart ? null : "apart" }), true)}
      >
        <Icon name="takes" />
      </button>
    </>
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
