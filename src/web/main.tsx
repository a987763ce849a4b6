import { render } from "preact";
import { useEffect } from "preact/hooks";
import icons from "./icons.svg";
import { KeysHelp } from "./parts/frame/keys-help.tsx";
import { Shell } from "./parts/frame/shell.tsx";
import { address } from "./state/address.ts";
import { needsLogin } from "./state/api.ts";
import { addKeys, areKeysShown } from "./state/keys.ts";
import { setRating, setStar, marksOf } from "./state/marks.ts";
import { next, previous, seconds, seek, toggle } from "./state/player.ts";
import { current } from "./state/queue.ts";
import { set, settings } from "./state/settings.ts";
import { onLive, startLive } from "./state/live.ts";
import { lookAgain, refreshLibrary } from "./state/library.ts";
import { lazy } from "./views/lazy.tsx";
import { Library } from "./views/library.tsx";
import { Login } from "./views/login.tsx";
import "./style/tokens.css";
import "./style/base.css";
import "./style/list.css";
import "./style/player.css";
import "./style/pages.css";
import "./style/floating.css";
import "./style/side.css";
import "./style/takes.css";
import "./style/playlist.css";
import "./style/narrow.css";
import "./style/now-playing.css";

const ClipPage = lazy(() => import("./views/clip/clip-page.tsx").then((view) => view.ClipPage));
const Compare = lazy(() => import("./views/compare/compare.tsx").then((view) => view.Compare));
const PlaylistPage = lazy(() => import("./views/playlist.tsx").then((view) => view.PlaylistPage));
const Playlists = lazy(() => import("./views/playlists.tsx").then((view) => view.Playlists));
const SettingsPage = lazy(() => import("./views/settings.tsx").then((view) => view.SettingsPage));
const Stats = lazy(() => import("./views/stats.tsx").then((view) => view.Stats));
const Status = lazy(() => import("./views/status.tsx").then((view) => view.Status));

function App() {
  useEffect(() => addKeys("Player", PLAYER_KEYS), []);
  if (needsLogin.value) return <Login />;
  return (
    <>
      <Shell>
        <View path={address.value.path} />
      </Shell>
      <KeysHelp />
    </>
  );
}

function View({ path }: { path: string }) {
  const [, song] = /^\/song\/([^/]+)$/.exec(path) ?? [];
  if (song) return <ClipPage key={song} id={decodeURIComponent(song)} />;
  const [, playlist] = /^\/playlist\/([^/]+)$/.exec(path) ?? [];
  if (playlist) return <PlaylistPage key={playlist} id={decodeURIComponent(playlist)} />;
  if (path === "/playlists") return <Playlists />;
  if (path === "/compare") return <Compare />;
  if (path === "/statistics") return <Stats />;
  if (path === "/status") return <Status />;
  if (path === "/settings") return <SettingsPage />;
  return <Library />;
}

const PLAYER_KEYS = [
  { key: " ", label: "Play or pause", run: toggle },
  { key: "ArrowRight", label: "5 seconds on", run: () => seek(seconds.value + 5) },
  { key: "ArrowLeft", label: "5 seconds back", run: () => seek(seconds.value - 5) },
  { key: "ArrowRight", shift: true, label: "Next song", run: () => next() },
  { key: "ArrowLeft", shift: true, label: "Previous song", run: previous },
  {
    key: "s",
    label: "Star what plays",
    letter: true,
    run: () => withCurrent((clip) => setStar(clip, !marksOf(clip).starred)),
  },
  ...[0, 1, 2, 3, 4, 5].map((rating) => ({
    key: String(rating),
    label: rating === 0 ? "No rating" : `Rate ${rating}`,
    letter: true,
    run: () => withCurrent((clip) => setRating(clip, rating)),
  })),
  { key: "l", label: "Lyrics", letter: true, run: () => togglePanel("lyrics") },
  { key: "q", label: "Queue", letter: true, run: () => togglePanel("queue") },
  { key: "?", label: "All keys", run: () => (areKeysShown.value = !areKeysShown.value) },
];

function withCurrent(work: (clip: NonNullable<typeof current.value>) => Promise<void>): void {
  if (current.value) void work(current.value);
}

function togglePanel(name: "lyrics" | "queue"): void {
  set({ panel: settings.value.panel === name ? null : name });
}

/** New songs appear: soon after the first of several, and not more often than every few seconds. */
const LOOK_MS = 1500;
let looking: ReturnType<typeof setTimeout> | undefined;
onLive(({ event }) => {
  if (event === "missed") void refreshLibrary();
  else if (/^(run\.(saved|stored|complete|incomplete)|question\.complete|song\.|asset\.gone)/.test(event))
    looking ??= setTimeout(() => {
      looking = undefined;
      void lookAgain();
    }, LOOK_MS);
});
startLive();

const drawing = new DOMParser().parseFromString(icons, "image/svg+xml").documentElement;
drawing.classList.add("symbols");
document.body.prepend(document.importNode(drawing, true));
render(<App />, document.getElementById("app")!);
