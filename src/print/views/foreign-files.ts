import { countText } from "../output/numbers.ts";

const SHOWN = 5;

/** Names what lies in a backup and is none of its files; nothing where there is nothing. */
export function foreignNotes({ foreign }: { foreign: string[] }): string[] {
  if (foreign.length === 0) return [];
  const more = foreign.length > SHOWN ? `, and ${countText(foreign.length - SHOWN)} more` : "";
  return [`not of the backup, left alone: ${foreign.slice(0, SHOWN).join(", ")}${more}`];
}
