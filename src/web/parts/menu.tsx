import { useRef } from "preact/hooks";
import { Icon } from "./icon.tsx";
import { useOpen } from "./use-open.ts";
import { walk } from "./walk.ts";

export type Choice = { label: string; note?: string | undefined; isOn: boolean; choose: () => void };

type Props = {
  label: string;
  /** What comes before the label, in quiet text. */
  title?: string;
  choices: Choice[];
  /** Several may be on, so it stays open. */
  isMany?: boolean;
  isOn?: boolean;
  chip?: boolean;
  /** Takes all of them away again. */
  clear?: (() => void) | undefined;
};

/** A button that opens a list of choices. */
export function Menu({ label, title, choices, isMany = false, isOn = false, chip = false, clear }: Props) {
  const box = useRef<HTMLSpanElement>(null);
  const [isOpen, setOpen] = useOpen(box);
  return (
    <span class="menu" ref={box}>
      <button
        type="button"
        class={chip ? `chip ${isOn ? "on" : ""}` : "btn plain"}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        {title && <span class="q">{title}</span>}
        <span class="trunc">{label}</span>
        <Icon name="down" size="s" />
      </button>
      {isOpen && (
        <div class="drop" role="menu" aria-label={title ?? label} onKeyDown={walk}>
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
              <span class={isMany ? "check" : "dot"}>{isMany && <Icon name="check" />}</span>
              <span class="trunc">{name}</span>
              {note && <span class="q num">{note}</span>}
            </button>
          ))}
          {choices.length === 0 && <p class="hint">Nothing to choose from yet.</p>}
          {clear && isOn && (
            <button type="button" role="menuitem" class="link" onClick={clear}>
              All of them
            </button>
          )}
        </div>
      )}
    </span>
  );
}
