import { current, upcoming } from "../../state/queue.ts";
import { set, settings } from "../../state/settings.ts";
import { Icon } from "../icon.tsx";
import { Lyrics } from "./lyrics.tsx";
import { QueueList } from "./queue-list.tsx";

/** Beside the list: the words of the song that plays, and what plays next. */
export function Panel() {
  const { panel } = settings.value;
  if (panel === null) return null;
  return (
    <aside class="panel" aria-label={panel === "lyrics" ? "Lyrics" : "Queue"}>
      <div class="tabs">
        <div role="tablist">
          {(["lyrics", "queue"] as const).map((name) => (
            <button
              key={name}
              type="button"
              role="tab"
              aria-selected={panel === name}
              onClick={() => set({ panel: name })}
            >
              {name === "lyrics" ? "Lyrics" : `Queue ${upcoming.value.length}`}
            </button>
          ))}
        </div>
        <span class="gap" />
        <button type="button" class="ib" aria-label="Close" onClick={() => set({ panel: null })}>
          <Icon name="close" />
        </button>
      </div>
      {panel === "lyrics" ? <Lyrics clip={current.value} /> : <QueueList />}
    </aside>
  );
}
