import { UsageError } from "../lib/errors.ts";
import { isWithin, truePath } from "./restore-target.ts";

/** The absolute path of what shall be written. Throws UsageError when it would lie among the archive's own files. */
export async function placeOutside(path: string, { home, assets }: { home: string; assets: string }): Promise<string> {
  const place = await truePath(path);
  for (const [name, other] of Object.entries({ "own folder": home, "assets folder": assets }))
    if (isWithin(await truePath(other), place))
      throw new UsageError(`${place} lies in the archive's ${name} ${other}`, {
        code: "export_into_archive",
        hint: "name a place outside of the archive",
      });
  return place;
}
