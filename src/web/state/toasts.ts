import { signal } from "@preact/signals";

export type Toast = { id: number; text: string; undo?: (() => void) | undefined };

const SHOWN_MS = 8000;
let next = 0;

/** What was just done or went wrong, shown for eight seconds. */
export const toasts = signal<Toast[]>([]);

export function toast(text: string, undo?: () => void): void {
  const id = next++;
  toasts.value = [...toasts.value.slice(-2), { id, text, undo }];
  setTimeout(() => dismiss(id), SHOWN_MS);
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((one) => one.id !== id);
}
