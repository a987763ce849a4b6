import { UsageError } from "../lib/errors.ts";
import { isWithin, realPath } from "../lib/files/paths.ts";

/** The absolute path of what shall be written. Throws UsageError when it would lie among the archive's own files, and for no name. */
export async function placeOutside(path: string, { home, assets }: { home: string; assets: string }): Promise<string> {
  // A variable that is not set; it would stand for the working folder.
  if (path.trim() === "") throw new UsageError("the name of the place is empty", { hint: "for this folder say ." });
  const place = await realPath(path);
  for (const [name, other] of Object.entries({ "own folder": home, "assets folder": assets }))
    if (isWithin(await realPath(other), place))
      throw new UsageError(`${place} lies in the archive's ${name} ${other}`, {
        code: "export_into_archive",
        hint: "name a place outside of the archive",
      });
  return place;
}
