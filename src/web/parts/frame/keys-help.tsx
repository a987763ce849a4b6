import { useEffect, useRef } from "preact/hooks";
import { areKeysShown, keyGroups } from "../../state/keys.ts";
import { Icon } from "../icon.tsx";

const NAMES: Record<string, string> = {
  " ": "Space",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
};

/** All keys that do something now. */
export function KeysHelp() {
  const dialog = useRef<HTMLDialogElement>(null);
  const isShown = areKeysShown.value;
  useEffect(() => {
    if (isShown) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isShown]);
  return (
    <dialog ref={dialog} class="keys" aria-label="Keys" onClose={() => (areKeysShown.value = false)}>
      <header>
        <h2>Keys</h2>
        <button type="button" class="ib" aria-label="Close" onClick={() => (areKeysShown.value = false)}>
          <Icon name="close" />
        </button>
      </header>
      {keyGroups.value.map(({ name, actions }) => (
        <section key={name}>
          <h3>{name}</h3>
          <dl>
            {actions.map(({ key, shift, label }) => (
              <div key={`${key} ${String(shift)}`}>
                <dt>{label}</dt>
                <dd>
                  {shift && key !== "?" && <kbd>Shift</kbd>}
                  <kbd>{NAMES[key] ?? key.toUpperCase()}</kbd>
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </dialog>
  );
}
