import { LONGEST_NAME } from "../../../lib/files/disk-limits.ts";

/** Most bytes of one part of a path, in composed and in decomposed form, without the longest ending. */
export const LONGEST = LONGEST_NAME - ".m3u8".length;

/**
 * What no name may hold: controls, halves of pairs, marks of direction, what cannot be seen, what shares write for
 * characters of their own (private use). Joiners of emoji and letters stay.
 */
export const UNSEEN =
  /[\p{Cc}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}\p{Bidi_Control}\p{Zl}\p{Zp}\ufff9-\ufffc\u2800]|(?!\u200c|\u200d|\ufe0e|\ufe0f)\p{Default_Ignorable_Code_Point}/gu;
const ASCII = /^[\x20-\x7e]*$/;
/** Devices of Windows, whatever the ending. */
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(\.|$)/i;

/** What most titles are made of, and what is clean as it is. */
const PLAIN = /^(?:[\w.,!'&()[\]+=#@;$%^{}~`-]+ )*[\w.,!'&()[\]+=#@;$%^{}~`-]*$/;

/** Text as it may be inside a part of a path on every file system; may be empty. */
export function cleanText(text: string): string {
  if (PLAIN.test(text)) return text;
  return text
    .toWellFormed()
    .normalize("NFC")
    .replace(/[\t\n\v\f\r\u0085\u2028\u2029]/g, " ")
    .replace(UNSEEN, "")
    .replace(/[<>*?]/g, "")
    .replaceAll('"', "'")
    .replace(/\s*[/\\|:]\s*/gu, (found) => (found.length > 1 ? " - " : "-"))
    .replace(/\s+/gu, " ")
    .normalize("NFC");
}

/** One whole part of a path: no dots or spaces at its ends, no device, nothing that a command takes for an option, never empty. */
export function cleanPart(text: string): string {
  const trimmed = cleanText(text).replace(/^[.~\s]+|[.\s]+$/gu, "");
  if (trimmed === "") return "untitled";
  return RESERVED.test(trimmed) || trimmed.startsWith("-") ? `_${trimmed}` : trimmed;
}

/** Bytes of the longer of its two forms in UTF-8. */
export function nameBytes(text: string): number {
  if (ASCII.test(text)) return text.length;
  return Math.max(Buffer.byteLength(text), Buffer.byteLength(text.normalize("NFD")));
}

/** The beginning of a text that fits, cut between what a reader takes for characters. */
export function cutTo(text: string, bytes: number): string {
  if (nameBytes(text) <= bytes) return text;
  let kept = "";
  for (const { segment } of new Intl.Segmenter("und").segment(text)) {
    if (nameBytes(kept + segment) > bytes) break;
    kept += segment;
  }
  return kept.replace(/[.\s]+$/u, "");
}
