import { UsageError } from "../lib/errors.ts";
import { isWithin, truePath } from "./restore-target.ts";

/** The absolute path of what shall be written. Throws UsageError when it would lie among the archive's own files. */
export async function placeOutside(path: string, places: { home: string; assets: string }): Promise<string> {
  const place = await truePath(path);
  for (const folder of [await truePath(places.home), await truePath(places.assets)])
    if (isWithin(folder, place))
      throw new UsageError(`${place} lies inside of the archive's ${folder}`, {
        code: "export_into_itself",
        hint: "name a place outside of the archive",
      });
  return place;
}
