import { render } from "preact";
import { useEffect } from "preact/hooks";
import icons from "./icons.svg";
import { KeysHelp } from "./parts/keys-help.tsx";
import { Shell } from "./parts/shell.tsx";
import { address } from "./state/address.ts";
import { needsLogin } from "./state/api.ts";
import { addKeys, areKeysShown } from "./state/keys.ts";
import { setRating, setStar, marksOf } from "./state/marks.ts";
import { next, previous, seconds, seek, toggle } from "./state/player.ts";
import { current } from "./state/queue.ts";
import { set, settings } from "./state/settings.ts";
import { ClipPage } from "./views/clip-page.tsx";
import { Compare } from "./views/compare.tsx";
import { Library } from "./views/library.tsx";
import { Login } from "./views/login.tsx";
import { SettingsPage } from "./views/settings.tsx";
import { Stats } from "./views/stats.tsx";
import { Status } from "./views/status.tsx";
import "./style/tokens.css";
import "./style/base.css";
import "./style/list.css";
import "./style/player.css";
import "./style/pages.css";
import "./style/narrow.css";

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

const drawing = new DOMParser().parseFromString(icons, "image/svg+xml").documentElement;
drawing.classList.add("symbols");
document.body.prepend(document.importNode(drawing, true));
render(<App />, document.getElementById("app")!);
