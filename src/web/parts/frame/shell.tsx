import type { ComponentChildren } from "preact";
import { isUnreachable } from "../../state/api.ts";
import { isPlaying } from "../../state/player.ts";
import { dismiss, toasts } from "../../state/toasts.ts";
import { Icon } from "../icon.tsx";
import { NowPlaying } from "../player/now-playing.tsx";
import { Panel } from "../player/panel.tsx";
import { PlayerBar } from "../player/player-bar.tsx";
import { RemoveDialog } from "./remove-dialog.tsx";
import { Side, TabBar } from "./side.tsx";
import { SongMenu } from "./song-menu.tsx";

/** What is around every view: the ways between them, the player, the panel, what was just done. */
export function Shell({ children }: { children: ComponentChildren }) {
  return (
    <div class="app">
      <a class="skip" href="#main">
        To the songs
      </a>
      <Side />
      <main class="main" id="main" tabIndex={-1}>
        {isUnreachable.value && <Lost />}
        {children}
      </main>
      <Panel />
      <PlayerBar />
      <TabBar />
      <NowPlaying />
      <SongMenu />
      <RemoveDialog />
      <Toasts />
    </div>
  );
}

function Lost() {
  return (
    <p class="banner" role="status">
      <Icon name="offline" size="s" />
      <span>
        <b>The service cannot be reached.</b> {isPlaying.value ? "What is loaded plays on" : "What is shown stays"};
        this page goes on by itself when it is back.
      </span>
    </p>
  );
}

function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, text, undo }) => (
        <p key={id}>
          <span>
            <bdi>{text}</bdi>
          </span>
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
  );
}
