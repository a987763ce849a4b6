import { Icon } from "../../parts/icon.tsx";
import { ask } from "../../state/api.ts";
import { sectionsOf } from "../../state/lyric.ts";
import type { ListedSong } from "../../state/song.ts";
import { toast } from "../../state/toasts.ts";
import type { Shown } from "./shown.ts";

const PARAMETERS = ["model", "action", "seed", "sound", "topic", "state"] as const;

/** The words of a song, and the request that it was made from. */
export function About({ shown, clip }: { shown: Shown; clip: ListedSong }) {
  const facts = shown as Record<string, unknown>;
  const known = PARAMETERS.filter((name) => facts[name] !== null && facts[name] !== undefined && facts[name] !== "");
  return (
    <div class="two">
      <section class="sect">
        <h2>Lyric</h2>
        <Poem lyric={clip.lyric} />
      </section>
      <section class="sect">
        <h2>Prompt</h2>
        <p class="prompt" dir="auto">
          {clip.prompt || "none"}
        </p>
        <h2 class="later">Parameters</h2>
        <dl class="params">
          {known.map((name) => (
            <>
              <dt>{name}</dt>
              <dd class={name === "seed" ? "mono" : ""}>{String(facts[name]).replaceAll("_", " ")}</dd>
            </>
          ))}
        </dl>
        <Request taskId={clip.taskId} />
      </section>
    </div>
  );
}

function Poem({ lyric }: { lyric: string | null }) {
  const sections = sectionsOf(lyric);
  if (sections.length === 0) return <p class="q">No words.</p>;
  return (
    <div class="poem">
      {sections.map(({ name, lines }, at) => (
        <div key={at}>
          {name && <h3>{name}</h3>}
          {lines.map(({ text }, line) => (
            <p key={line} dir="auto">
              {text || "\u00a0"}
            </p>
          ))}
        </div>
      ))}
    </div>
  );
}

/** The request that made the song, to copy. */
function Request({ taskId }: { taskId: string }) {
  const copy = async () => {
    const task = await ask<Record<string, unknown>>(`/api/tasks/${taskId}`);
    await navigator.clipboard.writeText(JSON.stringify(task, null, 2));
    toast("the task is copied as JSON");
  };
  return (
    <button
      type="button"
      class="btn later"
      onClick={() => void copy().catch((error: Error) => toast(`not copied: ${error.message}`))}
    >
      <Icon name="copy" size="s" /> Copy the task as JSON
    </button>
  );
}
