import type { ComponentChildren } from "preact";
import { address } from "../state/address.ts";
import { isUnreachable } from "../state/api.ts";
import { dismiss, toasts } from "../state/toasts.ts";
import { Icon, type IconName } from "./icon.tsx";
import { Panel } from "./panel.tsx";
import { PlayerBar } from "./player-bar.tsx";

const PLACES: { href: string; label: string; icon: IconName }[] = [
  { href: "/", label: "Library", icon: "library" },
  { href: "/?starred=true", label: "Starred", icon: "star" },
  { href: "/compare", label: "Compare", icon: "compare" },
];
const MORE: typeof PLACES = [
  { href: "/statistics", label: "Statistics", icon: "chart" },
  { href: "/status", label: "Status", icon: "disk" },
  { href: "/settings", label: "Settings", icon: "sun" },
];

/** What is around every view: places to go, the player, the panel, what was just done. */
export function Shell({ children }: { children: ComponentChildren }) {
  return (
    <div class="app">
      <a class="skip" href="#main">
        To the songs
      </a>
      <nav class="side" aria-label="Places">
        <a class="brand" href="/">
          <svg viewBox="0 0 26 26" aria-hidden="true">
            <path d="M2 13h22M6 13V8M11 13V4M16 13V7M21 13v-3" stroke="currentColor" stroke-width="2.4" fill="none" />
            <path class="under" d="M6 13v4M11 13v8M16 13v5M21 13v2" stroke-width="2.4" fill="none" />
          </svg>
          <span>producer-mirror</span>
        </a>
        {PLACES.map(place)}
        <span class="sp" />
        {MORE.map(place)}
      </nav>
      <main class="main" id="main">
        {isUnreachable.value && (
          <p class="banner" role="status">
            <Icon name="offline" size="s" /> The service cannot be reached. What is loaded plays on; this page tries
            again.
          </p>
        )}
        {children}
      </main>
      <Panel />
      <PlayerBar />
      <nav class="tabbar" aria-label="Places">
        {[...PLACES, MORE[1]!, MORE[2]!].map(({ href, label, icon }) => (
          <a key={href} href={href} aria-current={isHere(href) ? "page" : undefined}>
            <Icon name={icon} />
            {label}
          </a>
        ))}
      </nav>
      <div class="toasts" role="status" aria-live="polite">
        {toasts.value.map(({ id, text, undo }) => (
          <p key={id}>
            <span>{text}</span>
            {undo && (
              <button
                type="button"
                onClick={() => {
                  undo();
                  dismiss(id);
                }}
              >
                Undo
              </button>
            )}
            <button type="button" aria-label="Close" onClick={() => dismiss(id)}>
              <Icon name="close" size="s" />
            </button>
          </p>
        ))}
      </div>
    </div>
  );
}

function place({ href, label, icon }: (typeof PLACES)[number]) {
  return (
    <a key={href} class="nav" href={href} aria-current={isHere(href) ? "page" : undefined} title={label}>
      <Icon name={icon} />
      <span>{label}</span>
    </a>
  );
}

function isHere(href: string): boolean {
  const { path, query } = address.value;
  const [own = "", words = ""] = href.split("?");
  if (own !== "/") return path === own;
  return path === "/" && (query.get("starred") === "true") === (words !== "");
}
