import { effect, signal } from "@preact/signals";

/** What a person set in this browser. */
export type BrowserSettings = {
  theme: "system" | "light" | "dark";
  view: "grid" | "list";
  volume: number;
  /** Single letters act as keys (WCAG 2.1.4 lets people turn that off). */
  letterKeys: boolean;
  panel: "lyrics" | "queue" | null;
};

const NAME = "producer-mirror settings";
const DEFAULTS: BrowserSettings = { theme: "system", view: "grid", volume: 1, letterKeys: true, panel: null };

export const settings = signal<BrowserSettings>({ ...DEFAULTS, ...stored<Partial<BrowserSettings>>(NAME) });

export function set(some: Partial<BrowserSettings>): void {
  settings.value = { ...settings.value, ...some };
}

/** Something that this browser remembers; undefined when there is none, or when it may not remember. */
export function stored<T>(name: string): T | undefined {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

export function store(name: string, value: unknown): void {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // A full or forbidden storage: the page works without.
  }
}

effect(() => {
  store(NAME, settings.value);
  const { theme } = settings.value;
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
});
