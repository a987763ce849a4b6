/** Arrows, Home and End walk through the items of a menu. */
export function walk(event: KeyboardEvent): void {
  const all = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("[role^=menuitem]")];
  const at = all.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined || (event.target as Element).matches("input")) return;
  event.preventDefault();
  event.stopPropagation();
  all[to % all.length]?.focus();
}
