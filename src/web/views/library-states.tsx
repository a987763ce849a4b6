import { Icon } from "../parts/icon.tsx";
import { address } from "../state/address.ts";
import type { ServiceFailure } from "../state/api.ts";
import { FILTER_WORDS } from "../state/library.ts";

/** Shown only after a moment (by CSS): less is not worth a flicker. */
export function Skeleton({ view }: { view: "grid" | "list" }) {
  return (
    <div class={`skeleton ${view}`} role="status" aria-label="Loading">
      {Array.from({ length: view === "grid" ? 12 : 14 }, (_, at) => (
        <span key={at} />
      ))}
    </div>
  );
}

export function EmptyLibrary() {
  return (
    <div class="center">
      <Icon name="library" size="l" />
      <h2>No songs yet</h2>
      <p>Give the archive the ids of your tasks, and let it fetch them:</p>
      <pre>
        producer-mirror track &lt;task id&gt;{"\n"}
        producer-mirror sync
      </pre>
    </div>
  );
}

export function NothingFound({ query }: { query: URLSearchParams }) {
  const isSearch = query.has("q");
  return (
    <div class="center">
      <Icon name="search" size="l" />
      <h2>{isSearch ? `Nothing has “${query.get("q")}”` : "No song fits these filters"}</h2>
      <p>
        {isSearch && FILTER_WORDS.some((name) => query.has(name))
          ? "Filters are on as well."
          : isSearch
            ? "Title, lyric, prompt and sound were searched."
            : "Take one away, or all of them."}
      </p>
      <a class="btn" href={address.value.path}>
        Show all songs
      </a>
    </div>
  );
}

/** A view that could not be read: what is wrong, what is safe, one next step. */
export function Failure({ failure, again }: { failure: ServiceFailure; again: () => void }) {
  return (
    <div class="center" role="alert">
      <Icon name={failure.status === 0 ? "offline" : "alert"} size="l" />
      <h1>{failure.message}</h1>
      {failure.hint && <p>{failure.hint}</p>}
      <p>Nothing of the archive is touched by this.</p>
      <button type="button" class="btn pri" onClick={again}>
        Try again
      </button>
    </div>
  );
}
