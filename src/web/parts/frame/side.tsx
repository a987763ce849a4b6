import { useEffect, useState } from "preact/hooks";
import { address, go } from "../../state/address.ts";
import { counts, countSoon, lastRun } from "../../state/counts.ts";
import { onLive, work } from "../../state/live.ts";
import { createPlaylist, playlists, readPlaylists } from "../../state/playlists.ts";
import { dropSearch, keepSearch, searches, type KeptSearch } from "../../state/searches.ts";
import { toast } from "../../state/toasts.ts";
import { ago } from "./ago.ts";
import { Icon, type IconName } from "../icon.tsx";
import { Popover } from "../popover.tsx";

/** A way to a view, with how many songs it has. */
type Way = { href: string; label: string; icon: IconName; note?: number | undefined };

/** The ways between the views. */
export function Side() {
  useEffect(() => {
    void readPlaylists().catch(() => {});
    countSoon();
    return onLive(({ event }) => {
      if (/^(run\.(complete|incomplete|failed)|missed)$/.test(event)) countSoon();
      if (event === "missed") void readPlaylists().catch(() => {});
    });
  }, []);
  const { all, starred, unheard } = counts.value;
  return (
    <nav class="side" aria-label="Views">
      <a class="brand" href="/">
        <svg viewBox="0 0 26 26" aria-hidden="true">
          <path d="M2 13h22M6 13V8M11 13V4M16 13V7M21 13v-3" stroke="currentColor" stroke-width="2.4" fill="none" />
          <path class="under" d="M6 13v4M11 13v8M16 13v5M21 13v2" stroke-width="2.4" fill="none" />
        </svg>
        <span>producer-mirror</span>
      </a>
      <To href="/" label="Library" icon="library" note={all} />
      <To href="/?starred=true" label="Starred" icon="star" note={starred} />
      <To href="/?heard=false" label="Not heard yet" icon="headphones" note={unheard} />
      <To href="/compare" label="Compare" icon="compare" />
      <div class="more">
        <Playlists />
        <Searches />
      </div>
      <To href="/statistics" label="Statistics" icon="chart" />
      <StatusLink />
      <To href="/settings" label="Settings" icon="sun" />
    </nav>
  );
}

/** On a phone: the same below the page; playlists are a view of their own there. */
export function TabBar() {
  const ways: Way[] = [
    { href: "/", label: "Library", icon: "library" },
    { href: "/?starred=true", label: "Starred", icon: "star" },
    { href: "/playlists", label: "Playlists", icon: "playlist" },
    { href: "/status", label: "Status", icon: "disk" },
    { href: "/settings", label: "More", icon: "more" },
  ];
  return (
    <nav class="tabbar" aria-label="Views">
      {ways.map(({ href, label, icon }) => (
        <a key={href} href={href} aria-current={isHere(href) ? "page" : undefined}>
          <Icon name={icon} />
          {label}
        </a>
      ))}
    </nav>
  );
}

function To({ href, label, icon, note }: Way) {
  return (
    <a class="nav" href={href} aria-current={isHere(href) ? "page" : undefined} title={label}>
      <Icon name={icon} />
      <span class="trunc">
        <bdi>{label}</bdi>
      </span>
      {note !== undefined && <small class="num">{note.toLocaleString("en")}</small>}
    </a>
  );
}

function Playlists() {
  const all = playlists.value;
  return (
    <section aria-labelledby="side-playlists">
      <header>
        <h2 id="side-playlists">
          <a href="/playlists">Playlists</a>
        </h2>
        <Popover label="New playlist" icon="plus" class="ib" isBare>
          {(close) => <NewPlaylist done={close} />}
        </Popover>
      </header>
      {all?.map(({ id, name, songs }) => (
        <To key={id} href={`/playlist/${id}`} label={name} icon="playlist" note={songs} />
      ))}
      {all?.length === 0 && <p class="q">None yet: select songs, then Playlist.</p>}
    </section>
  );
}

/** Asks for a name, and opens the new playlist. */
export function NewPlaylist({ done }: { done: () => void }) {
  const [name, setName] = useState("");
  const make = async (wanted: string) => {
    const made = await createPlaylist(wanted);
    if (!made) return;
    done();
    go(`/playlist/${made.id}`);
  };
  return (
    <form
      class="inline"
      onSubmit={(event) => {
        event.preventDefault();
        if (!name.trim()) return;
        void make(name.trim());
      }}
    >
      <label class="field">
        <span class="vh">Name of the playlist</span>
        <input
          value={name}
          placeholder="Name"
          maxLength={200}
          autocomplete="off"
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="btn pri" disabled={!name.trim()}>
        Make
      </button>
    </form>
  );
}

function Searches() {
  if (searches.value.length === 0) return null;
  return (
    <section aria-labelledby="side-searches">
      <header>
        <h2 id="side-searches">Kept searches</h2>
      </header>
      {searches.value.map((search) => (
        <span key={search.name} class="kept">
          <To href={`/?${search.query}`} label={search.name} icon="search" />
          <button type="button" class="ib" aria-label={`Drop the search ${search.name}`} onClick={() => drop(search)}>
            <Icon name="close" size="s" />
          </button>
        </span>
      ))}
    </section>
  );
}

function drop(search: KeptSearch): void {
  dropSearch(search);
  toast(`${search.name} is no longer kept`, () => keepSearch(search));
}

function StatusLink() {
  const run = lastRun.value;
  const now = work.value;
  const state = now ? "busy" : run === null ? "" : run.outcome === "complete" ? "ok" : "warn";
  const note = now ? (now.kind === "sync" ? "syncing" : "verifying") : run?.finishedAt ? ago(run.finishedAt) : "";
  return (
    <a class="nav" href="/status" aria-current={isHere("/status") ? "page" : undefined} title="Status">
      <Icon name="disk" />
      <span class="trunc">Status</span>
      <small>{note}</small>
      {state && <span class={`lamp ${state}`} role="img" aria-label={LAMPS[state]} />}
    </a>
  );
}

const LAMPS = { busy: "at work", ok: "the last run was complete", warn: "the last run was not complete" };

function isHere(href: string): boolean {
  const { path, query } = address.value;
  const [own = "", words = ""] = href.split("?");
  if (own !== "/") return path === own;
  if (path !== "/") return false;
  const shown = new URLSearchParams(query);
  for (const name of ["sort", "group", "takes"]) if (!words.includes(name)) shown.delete(name);
  const kept = searches.value.some((one) => one.query === query.toString());
  if (words === "") return !isOneOf(shown) && !kept;
  return shown.toString() === new URLSearchParams(words).toString() || query.toString() === words;
}

function isOneOf(shown: URLSearchParams): boolean {
  return ["starred=true", "heard=false"].includes(shown.toString());
}
