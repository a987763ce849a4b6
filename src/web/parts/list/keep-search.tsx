import { useState } from "preact/hooks";
import { keepSearch, nameOf, searches } from "../../state/searches.ts";
import { toast } from "../../state/toasts.ts";
import { Popover } from "../popover.tsx";

/** Keeps what the address looks for, under a name, in the side. */
export function KeepSearch({ query }: { query: URLSearchParams }) {
  const text = query.toString();
  if (searches.value.some((one) => one.query === text)) return null;
  return (
    <Popover label="Keep this search" class="link">
      {(close) => <Name key={text} query={query} done={close} />}
    </Popover>
  );
}

function Name({ query, done }: { query: URLSearchParams; done: () => void }) {
  const [name, setName] = useState(nameOf(query));
  return (
    <form
      class="inline"
      onSubmit={(event) => {
        event.preventDefault();
        if (!name.trim()) return;
        keepSearch({ name: name.trim(), query: query.toString() });
        toast(`${name.trim()} is kept in the side, in this browser`);
        done();
      }}
    >
      <label class="field">
        <span class="vh">Name of the search</span>
        <input value={name} maxLength={80} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <button type="submit" class="btn pri" disabled={!name.trim()}>
        Keep
      </button>
    </form>
  );
}
