import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

/**
 * Whether something that floats is open. It closes by Escape, which then does nothing else, and by a press outside of
 * `box`; the first control inside is focused when it opens, the button before it when it closes by a key.
 */
export function useOpen(box: RefObject<HTMLElement | null>): [isOpen: boolean, setOpen: (isOpen: boolean) => void] {
  const [isOpen, setOpen] = useState(false);
  useLayoutEffect(() => (isOpen ? closeFrom(box, () => setOpen(false)) : undefined), [isOpen]);
  return [isOpen, setOpen];
}

const CONTROLS = "[role^=menuitem], input, button, a";

/** Calls `close` by Escape or a press outside; the returned function ends that. Focuses the first control of `.drop`. */
export function closeFrom(box: RefObject<HTMLElement | null>, close: () => void): () => void {
  const pressed = ({ target }: Event) => {
    if (!box.current?.contains(target as Node)) close();
  };
  const escaped = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
    box.current?.querySelector<HTMLElement>("[aria-expanded]")?.focus();
  };
  addEventListener("pointerdown", pressed);
  addEventListener("keydown", escaped, true);
  const drop = box.current?.querySelector(".drop");
  (drop?.querySelector<HTMLElement>("[role^=menuitem]") ?? drop?.querySelector<HTMLElement>(CONTROLS))?.focus();
  return () => {
    removeEventListener("pointerdown", pressed);
    removeEventListener("keydown", escaped, true);
  };
}
