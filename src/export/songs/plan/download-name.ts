import { extensionOf } from "./planned-file.ts";
import { DEFAULT_TEMPLATE, parseTemplate, PLACEHOLDERS, templateFiller, type Values } from "./template.ts";
import { shortId, songKey, songTitle } from "./texts.ts";

/** A stored file, and whose it is. */
type Owned = { path: string; clipId: string | null; taskId: string; title: string | null };

const fill = templateFiller(parseTemplate(DEFAULT_TEMPLATE.split("/").at(-1) ?? ""));
const NOTHING = Object.fromEntries(PLACEHOLDERS.map((name) => [name, ""])) as Values;

/** The name of a single file, without folders: as an export of songs calls it. */
export function downloadName({ path, clipId, taskId, title }: Owned): string {
  // The id of a task works like a key.
  const id8 = clipId === null ? songKey(`task ${taskId}`).slice(0, 8) : shortId(clipId, songKey(`clip ${clipId}`));
  const [name = ""] = fill({ ...NOTHING, title: songTitle(title), id8 });
  return `${name}.${extensionOf({ path })}`;
}
