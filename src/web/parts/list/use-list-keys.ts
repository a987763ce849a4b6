import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import { go } from "../../state/address.ts";
import { addKeys } from "../../state/keys.ts";
import { library } from "../../state/library.ts";
import { reached, toggleFold } from "../../state/reached.ts";
import { clearSelection, isSelecting, pick, pickAll, selected } from "../../state/selection.ts";
import { takesOf } from "../../state/song.ts";

/** Keys of the list: arrows walk through it, X picks, F unfolds the takes, C compares. */
export function useListKeys(
  scroller: RefObject<HTMLElement | null>,
  columns: number,
  reach: (index: number) => void,
): void {
  useEffect(() => {
    const element = scroller.current;
    const walk = (event: KeyboardEvent) => {
      if (!(event.target as Element).matches("[data-index]")) return;
      const step = stepOf(event.key, columns, element?.clientHeight ?? 0);
      if (step === undefined || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      event.preventDefault();
      event.stopPropagation();
      const last = (library.value.total ?? 0) - 1;
      reach(Math.max(0, Math.min(last, reached.value + step)));
    };
    const focused = ({ target }: FocusEvent) => {
      const index = (target as HTMLElement).dataset["index"];
      if (index !== undefined) reached.value = Number(index);
    };
    element?.addEventListener("keydown", walk);
    element?.addEventListener("focusin", focused);
    return () => {
      element?.removeEventListener("keydown", walk);
      element?.removeEventListener("focusin", focused);
    };
  }, [columns, reach]);
  useEffect(() => {
    const all = (event: KeyboardEvent) => {
      const isText = (event.target as Element).matches("input, textarea, select");
      if (event.key !== "a" || !(event.ctrlKey || event.metaKey) || isText) return;
      event.preventDefault();
      void pickAll();
    };
    addEventListener("keydown", all);
    return () => removeEventListener("keydown", all);
  }, []);
  useEffect(
    () =>
      addKeys("List", [
        { key: "x", label: "Select a song", letter: true, run: () => pick(reached.value, false) },
        { key: "x", shift: true, label: "Select up to a song", letter: true, run: () => pick(reached.value, true) },
        { key: "f", label: "Unfold or fold takes", letter: true, run: () => fold(reached.value) },
        { key: "c", label: "Compare the selection, or the takes", letter: true, run: compare },
        { key: "Escape", label: "Clear the selection", run: clearSelection },
      ]),
    [],
  );
}

function fold(index: number): void {
  if (library.value.clips.get(index)?.stack) toggleFold(index);
}

function compare(): void {
  const clip = library.value.clips.get(reached.value);
  const ids = isSelecting.value ? [...selected.value.keys()] : clip ? takesOf(clip).map(({ id }) => id) : [];
  if (ids.length >= 2) go(`/compare?ids=${ids.slice(0, 12).join(",")}`);
}

function stepOf(key: string, columns: number, height: number): number | undefined {
  const page = Math.max(1, Math.floor(height / (columns === 1 ? 44 : 270))) * columns;
  const across = columns > 1 ? { ArrowRight: 1, ArrowLeft: -1 } : {};
  const steps: Record<string, number> = {
    ...across,
    ArrowDown: columns,
    ArrowUp: -columns,
    PageDown: page,
    PageUp: -page,
    Home: -Infinity,
    End: Infinity,
  };
  return steps[key];
}
