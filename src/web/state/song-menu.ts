import { signal } from "@preact/signals";
import type { ListedSong } from "./song.ts";

/** The song whose menu is open, and where on the screen. */
export const songMenu = signal<{ clip: ListedSong; x: number; y: number } | null>(null);
/** The songs that a person is asked about before they are moved to the trash. */
export const toRemove = signal<ListedSong[] | null>(null);

/** Opens the menu of a song at the pointer, or below what was pressed. */
export function openSongMenu(event: MouseEvent, clip: ListedSong): void {
  event.preventDefault();
  event.stopPropagation();
  const box = (event.currentTarget as Element).getBoundingClientRect();
  const isPointed = event.type === "contextmenu" && event.clientX > 0;
  songMenu.value = { clip, x: isPointed ? event.clientX : box.right, y: isPointed ? event.clientY : box.bottom + 4 };
}
