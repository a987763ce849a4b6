import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { Icon, type IconName } from "./icon.tsx";
import { useOpen } from "./use-open.ts";

type Props = {
  label: string;
  icon?: IconName;
  class?: string;
  /** Opens above its button. */
  isAbove?: boolean;
  /** The label is not shown. */
  isBare?: boolean;
  children: (close: () => void) => ComponentChildren;
};

/** A button that opens a small panel. */
export function Popover({ label, icon, class: name = "btn", isAbove = false, isBare = false, children }: Props) {
  const box = useRef<HTMLSpanElement>(null);
  const [isOpen, setOpen] = useOpen(box);
  return (
    <span class={`menu ${isAbove ? "above" : ""}`} ref={box}>
      <button
        type="button"
        class={name}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        aria-label={isBare ? label : undefined}
        onClick={() => setOpen(!isOpen)}
      >
        {icon && <Icon name={icon} size="s" />}
        {!isBare && <span class="label">{label}</span>}
      </button>
      {isOpen && (
        <div class="drop pad" role="dialog" aria-label={label}>
          {children(() => setOpen(false))}
        </div>
      )}
    </span>
  );
}
