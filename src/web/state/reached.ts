import { signal } from "@preact/signals";

/** The song of the list that the keys have reached; Tab leads to it. */
export const reached = signal(0);
/** The stack that is unfolded, by its index in the list. */
export const unfolded = signal<number | null>(null);

export function toggleFold(index: number): void {
  unfolded.value = unfolded.value === index ? null : index;
}
