import { set, settings } from "../state/settings.ts";
import { areKeysShown } from "../state/keys.ts";

const THEMES = [
  ["system", "As the system"],
  ["light", "Light"],
  ["dark", "Dark"],
] as const;

/** What a person may set in this browser. */
export function SettingsPage() {
  const { theme, letterKeys } = settings.value;
  return (
    <div class="view page">
      <h1 class="page-title">Settings</h1>
      <section class="sect">
        <h2>Theme</h2>
        <span class="seg" role="group" aria-label="Theme">
          {THEMES.map(([name, label]) => (
            <button key={name} type="button" aria-pressed={theme === name} onClick={() => set({ theme: name })}>
              {label}
            </button>
          ))}
        </span>
      </section>
      <section class="sect">
        <h2>Keys</h2>
        <label class="option">
          <input
            type="checkbox"
            checked={letterKeys}
            onChange={(event) => set({ letterKeys: event.currentTarget.checked })}
          />
          Single letters act as keys
        </label>
        <p>
          <button type="button" class="btn" onClick={() => (areKeysShown.value = true)}>
            Show all keys
          </button>
        </p>
      </section>
      <section class="sect">
        <h2>This browser</h2>
        <p class="q">
          Settings, the queue and the shapes of songs are kept in this browser. Nothing on this page comes from outside
          of your own service.
        </p>
      </section>
    </div>
  );
}
