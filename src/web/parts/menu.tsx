import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./icon.tsx";

export type Choice = { label: string; note?: string | undefined; isOn: boolean; choose: () => void };

/** A button that opens a list of choices; `isMany`: several may be on, so it stays open. */
export function Menu({
  label,
  choices,
  isMany = false,
  isOn = false,
  chip = false,
}: {
  label: string;
  choices: Choice[];
  isMany?: boolean;
  isOn?: boolean;
  chip?: boolean;
}) {
  const [isOpen, setOpen] = useState(false);
  const box = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (!isOpen) return undefined;
    const close = (event: Event) => {
      if (event instanceof KeyboardEvent ? event.key === "Escape" : !box.current?.contains(event.target as Node))
        setOpen(false);
    };
    addEventListener("pointerdown", close);
    addEventListener("keydown", close);
    box.current?.querySelector<HTMLElement>("[role^=menuitem]")?.focus();
    return () => {
      removeEventListener("pointerdown", close);
      removeEventListener("keydown", close);
    };
  }, [isOpen]);
  return (
    <span class="menu" ref={box}>
      <button
        type="button"
        class={chip ? `chip ${isOn ? "on" : ""}` : "btn plain"}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        {label}
        <Icon name="down" size="s" />
      </button>
      {isOpen && (
        <div class="drop" role="menu" aria-label={label} onKeyDown={walk}>
          {choices.map(({ label: name, note, isOn: on, choose }) => (
            <button
              key={name}
              type="button"
              role={isMany ? "menuitemcheckbox" : "menuitemradio"}
              aria-checked={on}
              onClick={() => {
                choose();
                if (!isMany) setOpen(false);
              }}
            >
              <span class="check">
                <Icon name="check" />
              </span>
              <span class="trunc">{name}</span>
              {note && <span class="q num">{note}</span>}
            </button>
          ))}
          {choices.length === 0 && <p class="hint">Nothing to choose from yet.</p>}
        </div>
      )}
    </span>
  );
}

function walk(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const all = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("[role^=menuitem]")];
  all.at((all.indexOf(document.activeElement as HTMLElement) + step + all.length) % all.length)?.focus();
}
