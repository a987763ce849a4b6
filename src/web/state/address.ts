import { computed, signal } from "@preact/signals";

/** The address bar holds the view: everything that a shared link or a reload must show again. */
export type Address = { path: string; query: URLSearchParams };

const current = signal<Address>(read());
const scrolled = new Map<string, { top: number }>();

/** Where the page is. */
export const address = computed(() => current.value);

/** Goes to another view; `replace` where going back should not lead here. */
export function go(href: string, replace = false): void {
  history[replace ? "replaceState" : "pushState"]({ key: crypto.randomUUID() }, "", href);
  current.value = read();
}

/** The same view with other words in its query; an empty value takes one away. */
export function withWords(words: Record<string, string | null>, path = current.value.path): string {
  const query = new URLSearchParams(path === current.value.path ? current.value.query : undefined);
  for (const [name, value] of Object.entries(words)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

/** Where a scrolled box is in this entry of the history; whoever scrolls it writes there. */
export function scrollOf(box: string): { top: number } {
  const key = `${entryKey()} ${box}`;
  const known = scrolled.get(key) ?? { top: 0 };
  scrolled.set(key, known);
  return known;
}

function entryKey(): string {
  return (history.state as { key?: string } | null)?.key ?? "first";
}

function read(): Address {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

addEventListener("popstate", () => (current.value = read()));

/** Links of our own change the view without loading the page again. */
document.addEventListener("click", (event) => {
  const link = (event.target as Element | null)?.closest?.("a");
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
  if (/^\/(api|media|rest|producer|feed\.xml)/.test(link.pathname)) return;
  event.preventDefault();
  go(link.pathname + link.search);
});
