import { signal } from "@preact/signals";
import { settings } from "./settings.ts";

/** A key and what it does. `letter`: a single letter, which a setting turns off. */
export type KeyAction = { key: string; shift?: boolean; label: string; run: () => void; letter?: boolean };

/** Whether the list of keys is shown. */
export const areKeysShown = signal(false);
const groups = signal<{ name: string; actions: KeyAction[] }[]>([]);
export const keyGroups = groups;

/** Adds keys for as long as a part of the page is there; the newest group comes first. */
export function addKeys(name: string, actions: KeyAction[]): () => void {
  const group = { name, actions };
  groups.value = [group, ...groups.value];
  return () => (groups.value = groups.value.filter((one) => one !== group));
}

addEventListener("keydown", (event) => {
  const target = event.target as HTMLElement;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const isText = target.matches?.("input:not([type=range]), textarea, select, [contenteditable]");
  // A dialog has its own keys: Escape closes it.
  if (isText || document.querySelector("dialog[open]")) return;
  const wanted = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  // A button takes Space and Enter itself, a slider the arrows.
  if (target.matches?.("button, a, summary") && (wanted === " " || wanted === "Enter")) return;
  if (target.matches?.("[role=slider], input[type=range]") && wanted.startsWith("Arrow")) return;
  for (const { actions } of groups.value) {
    const found = actions.find(({ key, shift = false }) => key === wanted && (key === "?" || shift === event.shiftKey));
    if (!found || (found.letter && !settings.value.letterKeys)) continue;
    event.preventDefault();
    found.run();
    return;
  }
});
